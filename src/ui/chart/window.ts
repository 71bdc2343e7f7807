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
