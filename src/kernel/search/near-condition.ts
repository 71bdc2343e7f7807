import { problem } from '../../base/problem.ts'
import { type Sql, sql } from '../../base/sql.ts'
import { latitudeKey, longitudeKey } from './token.ts'

/** Kilometres that `near` looks around when no distance is given; R4 leaves it to the server. */
export const usualDistanceKm = 50

const earthKm = 6371.0088
const kmByUnit: Readonly<Record<string, number>> = {
  km: 1,
  m: 0.001,
  '[mi_i]': 1.609344,
  '[mi_us]': 1.6093472187,
  mi: 1.609344,
}

/** The condition of one value of `near` on a row `r`: `latitude|longitude|distance|unit` (R4 Location, near). */
export function nearCondition(name: string, value: string): Sql {
  const { latitude, longitude, km } = askedPlace(value)
  // Half a degree of room for what the box rounds; the distance itself decides.
  const reach = (km / earthKm) * (180 / Math.PI) + 0.0001
  const tallest = Math.min(89.9, Math.abs(latitude) + reach)
  const wide = reach / Math.cos((tallest * Math.PI) / 180)
  const wraps = Math.abs(latitude) + reach > 89.9 || longitude - wide < -180 || longitude + wide > 180
  const box = wraps
    ? sql`true`
    : sql`o.low between ${String(longitude - wide)}::numeric and ${String(longitude + wide)}::numeric`
  const [lat, lon] = [sql`radians(a.low::float8)`, sql`radians(o.low::float8)`]
  const [lat0, lon0] = [sql`radians(${latitude}::float8)`, sql`radians(${longitude}::float8)`]
  const haversine = sql`power(sin((${lat} - ${lat0}) / 2), 2) + cos(${lat0}) * cos(${lat}) * power(sin((${lon} - ${lon0}) / 2), 2)`
  return sql`exists (select 1 from res_num a join res_num o on (o.person, o.rtype, o.id) = (a.person, a.rtype, a.id)
    where a.key = ${latitudeKey(name)}::int8 and o.key = ${longitudeKey(name)}::int8
      and a.low between ${String(latitude - reach)}::numeric and ${String(latitude + reach)}::numeric and ${box}
      and (a.person, a.rtype, a.id) = (r.person, r.rtype, r.id)
      and ${2 * earthKm}::float8 * asin(sqrt(least(1, ${haversine}))) <= ${km}::float8)`
}

function askedPlace(value: string): { readonly latitude: number; readonly longitude: number; readonly km: number } {
  const [first = '', second = '', third = '', unit = '', ...more] = value.split('|')
  const [latitude, longitude, distance] = [
    decimal(first),
    decimal(second),
    third === '' ? usualDistanceKm : decimal(third),
  ]
  const factor = unit === '' ? 1 : kmByUnit[unit]
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  if (!isPlace || !(distance >= 0) || factor === undefined || more.length > 0)
    throw problem(
      'invalid',
      `"${value.slice(0, 60)}" is not latitude|longitude|distance|unit, such as 51.5|-0.12|5|km`,
      {
        expression: 'near',
      },
    )
  return { latitude, longitude, km: Math.min(distance * factor, Math.PI * earthKm) }
}

const decimal = (text: string): number => (/^-?\d{1,9}(?:\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN)
