/** The span of time a chart shows, fixed and named. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
  /** "Last 12 months". */
  readonly name: string
}

const dayMs = 86_400_000

const windows = [
  [1, 'Last 24 hours'],
  [7, 'Last 7 days'],
  [31, 'Last month'],
  [366, 'Last 12 months'],
] as const

/** The shortest of the usual spans, ending now, that holds every point. */
export function timeWindow(times: readonly number[], now: number): TimeWindow {
  const first = Math.min(now, ...times)
  const to = Math.max(now, ...times)
  const usual = windows.find(([days]) => to - first <= days * dayMs)
  if (usual !== undefined) return { from: to - usual[0] * dayMs, to, name: usual[1] }
  const years = Math.ceil((to - first) / (365.25 * dayMs))
  return { from: to - years * 365.25 * dayMs, to, name: `Last ${years} years` }
}

/** A value on a chart, with its lower end when it is a pair. */
export interface Extent {
  readonly value: number
  readonly low?: number
}

/** The span of the value axis: all values and the reference range, with some room, never below 0 for what cannot be. */
export function valueDomain(
  points: readonly Extent[],
  range: { readonly low?: number; readonly high?: number } | undefined,
): [number, number] {
  const values = points.flatMap(({ value, low }) => (low === undefined ? [value] : [value, low]))
  if (range?.low !== undefined) values.push(range.low)
  if (range?.high !== undefined) values.push(range.high)
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.15
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room]
}
