import { isObject } from '../../base/json.ts'
import type { NumberRow } from './extract.ts'
import { codedUnit, namedUnit } from './token.ts'

/** Search rows of a value of a number or quantity parameter: decimal, integer, Quantity and its kin, Money or Range. */
export function numberRowsOf(value: unknown): readonly Omit<NumberRow, 'key'>[] {
  if (typeof value === 'number') return [{ low: String(value), high: String(value), ...noUnit }]
  if (!isObject(value)) return []
  if (typeof value['value'] === 'number') return [{ ...rangeOf(value['value'], value['comparator']), ...unitOf(value) }]
  const { low, high } = value
  const ends = [low, high].filter(isObject)
  const unit = ends[0]
  if (unit === undefined) return []
  return [
    {
      low: isObject(low) && typeof low['value'] === 'number' ? String(low['value']) : '-Infinity',
      high: isObject(high) && typeof high['value'] === 'number' ? String(high['value']) : 'Infinity',
      ...unitOf(unit),
    },
  ]
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
const noUnit = { coded: 0n, code: 0n, unit: 0n }

/** A measurement "below 5" may be anything up to 5. */
function rangeOf(value: number, comparator: unknown): Pick<NumberRow, 'low' | 'high'> {
  const text = String(value)
  if (comparator === '<' || comparator === '<=') return { low: '-Infinity', high: text }
  if (comparator === '>' || comparator === '>=') return { low: text, high: 'Infinity' }
  return { low: text, high: text }
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
