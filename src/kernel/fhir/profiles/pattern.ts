import { isObject } from '../../../base/json.ts'

/** Whether a value is exactly a fixed one (R4 ElementDefinition.fixed: "the exact value", children included). */
export function isEqual(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed))
    return (
      Array.isArray(value) && value.length === fixed.length && fixed.every((each, index) => isEqual(value[index], each))
    )
  if (!isObject(fixed)) return value === fixed
  if (!isObject(value)) return false
  const keys = Object.keys(fixed)
  return Object.keys(value).length === keys.length && keys.every((key) => isEqual(value[key], fixed[key]))
}

/** Whether a value has at least what a pattern has (R4 ElementDefinition.pattern): of arrays, each of the pattern's somewhere. */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((each) => value.some((one) => matchesPattern(one, each)))
  if (!isObject(pattern)) return value === pattern
  return isObject(value) && Object.entries(pattern).every(([key, each]) => matchesPattern(value[key], each))
}
