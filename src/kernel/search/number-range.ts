import { isObject } from '../../base/json.ts'
import { systems } from '../fhir/systems.ts'
import type { NumberRow } from './extract.ts'
import { codedUnit, namedUnit } from './token.ts'
import { canonicalUnit } from './ucum.ts'

/** Search rows of a value of a number or quantity parameter: decimal, integer, Quantity and its kin, Money or Range. */
export function numberRowsOf(value: unknown): readonly Omit<NumberRow, 'key'>[] {
  if (typeof value === 'number') return [{ low: String(value), high: String(value), ...noUnit }]
  if (!isObject(value)) return []
  if (typeof value['value'] === 'number') return [inUnit(rangeOf(value['value'], value['comparator']), value)]
  const { low, high } = value
  const unit = [low, high].find(isObject)
  if (unit === undefined) return []
  const end = (each: unknown, open: number): number =>
    isObject(each) && typeof each['value'] === 'number' ? each['value'] : open
  return [inUnit({ low: end(low, Number.NEGATIVE_INFINITY), high: end(high, Number.POSITIVE_INFINITY) }, unit)]
}

/** A number as it was asked for, with its prefix. Ends are decimals as text. */
export interface AskedNumber {
  readonly prefix: string
  readonly exact: string
  /** The implied precision: what is written as 100 is 99.5 up to, not including, 100.5 (R4 search, number). */
  readonly from: string
  readonly below: string
  /** A tenth to either side, for `ap`. */
  readonly near: readonly [string, string]
}

const shape = /^(eq|ne|lt|le|gt|ge|sa|eb|ap)?([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/

/** Decodes a number with its prefix; undefined for any other text. Nothing is rounded. */
export function askedNumber(text: string): AskedNumber | undefined {
  const parts = shape.exec(text)
  if (parts === null) return undefined
  const [, prefix = 'eq', sign, whole = '', fraction = '', exponent = '0'] = parts
  const tens = Number(exponent) - fraction.length - 1
  if (Math.abs(tens) > mostTens) return undefined
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  const decimal = (tenths: bigint): string => `${tenths}e${tens}`
  const [nine, eleven] = [decimal(digits * 9n), decimal(digits * 11n)]
  return {
    prefix,
    exact: decimal(digits * 10n),
    from: decimal(digits * 10n - 5n),
    below: decimal(digits * 10n + 5n),
    near: digits < 0n ? [eleven, nine] : [nine, eleven],
  }
}

const mostTens = 400
/** A number that is of no unit. */
export const noUnit = { coded: 0n, code: 0n, unit: 0n, canonical: undefined }

interface Ends {
  readonly low: number
  readonly high: number
}

/** A measurement "below 5" may be anything up to 5. */
function rangeOf(value: number, comparator: unknown): Ends {
  if (comparator === '<' || comparator === '<=') return { low: Number.NEGATIVE_INFINITY, high: value }
  if (comparator === '>' || comparator === '>=') return { low: value, high: Number.POSITIVE_INFINITY }
  return { low: value, high: value }
}

const inUnit = ({ low, high }: Ends, value: Readonly<Record<string, unknown>>): Omit<NumberRow, 'key'> => ({
  low: String(low),
  high: String(high),
  ...unitOf(value),
  canonical: canonicalOf(low, high, value),
})

/** The same range in base units, for what says that its unit is a UCUM code. */
function canonicalOf(low: number, high: number, { system, code }: Readonly<Record<string, unknown>>) {
  const unit = system === systems.ucum && typeof code === 'string' ? canonicalUnit(code) : undefined
  if (unit === undefined) return undefined
  const end = (value: number): string => (Number.isFinite(value) ? unit.toBase(value) : String(value))
  return { unit: unit.key, low: end(low), high: end(high) }
}

const currencies = 'urn:iso:std:iso:4217'

function unitOf(value: Readonly<Record<string, unknown>>): Pick<NumberRow, 'coded' | 'code' | 'unit'> {
  const { system, code, unit, currency } = value
  if (typeof currency === 'string')
    return { coded: codedUnit(currencies, currency), code: namedUnit(currency), unit: 0n }
  return {
    coded: typeof system === 'string' && typeof code === 'string' ? codedUnit(system, code) : 0n,
    code: typeof code === 'string' ? namedUnit(code) : 0n,
    unit: typeof unit === 'string' ? namedUnit(unit) : 0n,
  }
}
