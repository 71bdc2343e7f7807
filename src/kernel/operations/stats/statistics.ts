/** What each statistic makes of the values of one code in one unit, in rising order; undefined where they are too few. */
type Statistic = (sorted: readonly number[]) => number | undefined

/** Sums decimals as they are written, so that 0.1 and 0.2 make 0.3. */
function sum(values: readonly number[]): number {
  const places = Math.max(0, ...values.map(placesOf))
  const whole = values.reduce((total, value) => total + BigInt(Math.round(value * 10 ** places)), 0n)
  return Number((Number(whole) / 10 ** places).toFixed(places))
}

const placesOf = (value: number): number => {
  const [digits = '', exponent] = String(value).split('e')
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent ?? 0))
}

/** Twelve significant digits: more than any measurement has, and fewer than where binary fractions begin to show. */
const rounded = (value: number): number => Number(value.toPrecision(12))

const mean: Statistic = (values) => (values.length === 0 ? undefined : rounded(sum(values) / values.length))

const variance: Statistic = (values) => {
  const centre = mean(values)
  if (centre === undefined || values.length < 2) return undefined
  return rounded(values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1))
}

const deviation: Statistic = (values) => {
  const found = variance(values)
  return found === undefined ? undefined : rounded(Math.sqrt(found))
}

/** The value below which a part of all lies, between neighbours in proportion (as spreadsheets do it). */
const quantile =
  (part: number): Statistic =>
  (sorted) => {
    if (sorted.length === 0) return undefined
    const at = (sorted.length - 1) * part
    const [low = 0, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
    return rounded(low + (high - low) * (at - Math.floor(at)))
  }

const quartileRange: Statistic = (sorted) => {
  const [low, high] = [quantile(0.25)(sorted), quantile(0.75)(sorted)]
  return low === undefined || high === undefined ? undefined : rounded(high - low)
}

/** R4 code system http://terminology.hl7.org/CodeSystem/observation-statistics, without those that need a series in time. */
export const statistics: Readonly<Record<string, { readonly display: string; readonly of: Statistic }>> = {
  average: { display: 'Average', of: mean },
  maximum: { display: 'Maximum', of: (sorted) => sorted.at(-1) },
  minimum: { display: 'Minimum', of: (sorted) => sorted[0] },
  median: { display: 'Median', of: quantile(0.5) },
  'std-dev': { display: 'Standard Deviation', of: deviation },
  sum: { display: 'Sum', of: (sorted) => (sorted.length === 0 ? undefined : sum(sorted)) },
  variance: { display: 'Variance', of: variance },
  '20-percent': { display: '20th Percentile', of: quantile(0.2) },
  '80-percent': { display: '80th Percentile', of: quantile(0.8) },
  '4-lower': { display: 'Lower Quartile', of: quantile(0.25) },
  '4-upper': { display: 'Upper Quartile', of: quantile(0.75) },
  '4-dev': { display: 'Quartile Deviation', of: quartileRange },
}

/** Statistics that are numbers of observations and have no unit. */
export const counts: Readonly<Record<string, string>> = { count: 'Count', 'total-count': 'Total Count' }
