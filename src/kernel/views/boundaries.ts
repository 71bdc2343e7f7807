/**
 * FHIRPath `lowBoundary()` and `highBoundary()` where SQL on FHIR says more than the engine does: a decimal sent without
 * decimals is taken to one (JSON has no other way to write 1.0), a time without a zone may be in any.
 */
export function boundary(side: 'low' | 'high', type: string, value: unknown): unknown {
  if (type === 'decimal' && typeof value === 'number') return decimalBoundary(side, value)
  if (typeof value !== 'string') return undefined
  if (type === 'date') return `${value}${padding[side].date.slice(value.length)}`.replace(/-31$/, lastDay(side, value))
  if (type === 'dateTime' || type === 'instant') return dateTimeBoundary(side, value)
  if (type === 'time') return value.length >= 12 ? value : value + padding[side].time.slice(value.length)
  return undefined
}

const padding = {
  low: { date: 'yyyy-01-01', time: '00:00:00.000', zone: '+14:00' },
  high: { date: 'yyyy-12-31', time: '23:59:59.999', zone: '-12:00' },
} as const

/** The digit after the last that was sent may have been anything below half of it. */
function decimalBoundary(side: 'low' | 'high', value: number): number {
  const [, decimals = ''] = String(value).split('.')
  const places = Math.max(1, decimals.length)
  const half = 0.5 * 10 ** -places
  return Number((side === 'low' ? value - half : value + half).toFixed(places + 1))
}

const lastDay = (side: 'low' | 'high', value: string): string => {
  if (side === 'low' || value.length !== 7) return '-31'
  return `-${Temporal.PlainYearMonth.from(value).daysInMonth}`
}

const dateTimeShape = /^(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:T([\d:.]+))?(Z|[+-]\d{2}:\d{2})?$/

function dateTimeBoundary(side: 'low' | 'high', value: string): string | undefined {
  const [, date, time = '', zone] = dateTimeShape.exec(value) ?? []
  if (date === undefined) return undefined
  const clock = time.length >= 12 ? time : time + padding[side].time.slice(time.length)
  const day = boundary(side, 'date', date)
  return `${String(day)}T${clock}${zone ?? padding[side].zone}`
}
