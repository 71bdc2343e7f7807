import ucum from '@lhncbc/ucum-lhc'
import { hash64 } from '../../base/hash.ts'

/** A UCUM unit as the canonical values of quantities need it. */
export interface CanonicalUnit {
  /** The same for all units that can be converted into one another. */
  readonly key: bigint
  /** A number of this unit as a decimal number of the base units. */
  readonly toBase: (value: number) => string
}

/**
 * The canonical form of a unit by its UCUM code; undefined for a text that is no UCUM code, and for units on a
 * logarithmic scale, which are compared as they were sent.
 */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  if (known.has(code)) return known.get(code)
  const made = code.length > longestCode ? undefined : unitOf(code)
  // Codes come from outside: what is kept of them is bounded.
  if (known.size >= mostKept) known.clear()
  known.set(code, made)
  return made
}

const longestCode = 60
const mostKept = 5000
const known = new Map<string, CanonicalUnit | undefined>()

/** Scales that do not begin at nothing, by the library's name of their function: to kelvin. */
const temperatures: Readonly<Record<string, (value: number) => number>> = {
  Cel: (value) => value + 273.15,
  degF: (value) => ((value + 459.67) * 5) / 9,
  degRe: (value) => value / 0.8 + 273.15,
}

function unitOf(code: string): CanonicalUnit | undefined {
  const { unit, retMsg } = ucum.UcumLhcUtils.getInstance().getSpecifiedUnit(code, 'validate')
  // The library also guesses what may have been meant. A guess is no unit.
  if (unit === null || retMsg.length > 0) return undefined
  const key = hash64(`ucum ${kindOf(code, unit)}`)
  if (unit.cnv_ === null) {
    const factor = Number(unit.magnitude_.toPrecision(15))
    return { key, toBase: (value) => decimal(value * factor) }
  }
  const scale = code === unit.cnv_ || code === `[${unit.cnv_}]` ? temperatures[unit.cnv_] : undefined
  return scale === undefined ? undefined : { key, toBase: (value) => decimal(scale(value)) }
}

type Parsed = NonNullable<ReturnType<ReturnType<typeof ucum.UcumLhcUtils.getInstance>['getSpecifiedUnit']>['unit']>

/**
 * What a unit measures. UCUM counts moles and cells alike as mere numbers and gives annotations no meaning; medicine does
 * not (mmol/L is no cell count, a clearance per 1.73 m2 is none per patient), so both tell units apart here. Arbitrary
 * units (`[IU]`) convert into nothing but themselves.
 */
function kindOf(code: string, unit: Parsed): string {
  const dimension = (unit.dim_?.dimVec_ ?? []).join()
  const own = unit.isArbitrary_ ? [...code.matchAll(/\[[^\]]*\]/g)].map(([atom]) => atom.toUpperCase()).join('') : ''
  const notes = [...code.matchAll(/\{[^}]*\}/g)].map(([note]) => note).join('')
  return `${dimension} ${unit.moleExp_} ${own} ${notes}`
}

/** Twelve digits: a conversion by floating-point numbers is right to more, so equal values become equal texts. */
const decimal = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(12))) : '')
