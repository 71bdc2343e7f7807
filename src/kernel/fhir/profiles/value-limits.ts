import { UcumLhcUtils } from '@lhncbc/ucum-lhc'
import { isObject } from '../../../base/json.ts'
import { compareMoments } from '../fhirpath/moments.ts'
import type { ValueCheck } from './compiled.ts'
import type { Item } from './place.ts'

/** A limit that a value is beyond. */
export interface LimitFault {
  readonly rule: 'profile-min-value' | 'profile-max-value' | 'profile-length'
  readonly message: string
}

/** Checks a value against the least and greatest value and the lengths of a profile. */
export function limitFaults(check: ValueCheck, { value }: Item): readonly LimitFault[] {
  const faults: LimitFault[] = []
  const { minValue, maxValue, minLength, maxLength } = check
  const low = minValue === undefined ? undefined : valueOrder(value, minValue)
  if (low !== undefined && low < 0)
    faults.push({ rule: 'profile-min-value', message: `This is less than ${shown(minValue)}` })
  const high = maxValue === undefined ? undefined : valueOrder(value, maxValue)
  if (high !== undefined && high > 0)
    faults.push({ rule: 'profile-max-value', message: `This is more than ${shown(maxValue)}` })
  if (typeof value !== 'string') return faults
  if (maxLength !== undefined && value.length > maxLength)
    faults.push({ rule: 'profile-length', message: `This has ${value.length} characters and may have ${maxLength}` })
  if (minLength !== undefined && value.length < minLength)
    faults.push({ rule: 'profile-length', message: `This has ${value.length} characters and must have ${minLength}` })
  return faults
}

const shown = (value: unknown): string => (isObject(value) ? JSON.stringify(value).slice(0, 120) : String(value))

/** Order of two values; undefined when they cannot be compared. */
export function valueOrder(value: unknown, bound: unknown): number | undefined {
  if (typeof value === 'number' && typeof bound === 'number') return value - bound
  if (typeof value === 'string' && typeof bound === 'string') {
    if (/^\d{4}/.test(bound)) return compareMoments(value, bound) ?? coarseOrder(value, bound)
    return value < bound ? -1 : value > bound ? 1 : 0
  }
  return isObject(value) && isObject(bound) ? quantityOrder(value, bound) : undefined
}

/** Dates of unequal precision, as far as the coarser of the two tells. */
function coarseOrder(value: string, bound: string): number {
  const length = Math.min(value.length, bound.length)
  const [one, other] = [value.slice(0, length), bound.slice(0, length)]
  return one < other ? -1 : one > other ? 1 : 0
}

/** Order of two quantities in the same unit or in units that UCUM converts; undefined when it does not. */
function quantityOrder(
  value: Readonly<Record<string, unknown>>,
  bound: Readonly<Record<string, unknown>>,
): number | undefined {
  const [one, other] = [value['value'], bound['value']]
  if (typeof one !== 'number' || typeof other !== 'number') return undefined
  const [unit, boundUnit] = [value['code'] ?? value['unit'], bound['code'] ?? bound['unit']]
  if (unit === boundUnit) return one - other
  if (typeof unit !== 'string' || typeof boundUnit !== 'string') return undefined
  const { status, toVal } = UcumLhcUtils.getInstance().convertUnitTo(unit, one, boundUnit)
  return status === 'succeeded' && toVal !== null ? toVal - other : undefined
}
