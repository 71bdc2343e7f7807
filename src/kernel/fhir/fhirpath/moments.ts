const momentTypes = new Set(['date', 'dateTime', 'instant'])

/** Whether values of a type are compared as points in time. */
export const isMomentType = (type: string): boolean => momentTypes.has(type)

/** Order of two dates or times of the same precision; undefined when their precisions differ. */
export function compareMoments(left: string, right: string): number | undefined {
  const timed = left.length > 10
  if (timed !== right.length > 10) return undefined
  if (!timed) return left.length === right.length ? (left < right ? -1 : left > right ? 1 : 0) : undefined
  if (left.length === right.length && left.slice(19) === right.slice(19))
    return left < right ? -1 : left > right ? 1 : 0
  const one = Date.parse(left)
  const other = Date.parse(right)
  return Number.isNaN(one) || Number.isNaN(other) ? undefined : one - other
}
