/** One bar, or a pair of bars that look away from each other. */
export interface Bar {
  readonly label: string
  readonly value: number
  readonly other?: number
  readonly note?: string
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const width = 720
const rowHeight = 26
const labelWidth = 250

const frame = (title: string, height: number, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}" font-family="Arial, sans-serif" font-size="14">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="12" y="24" font-size="16" font-weight="bold" fill="#212b32">${escape(title)}</text>
${body}
</svg>
`

const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-GB') : String(Math.round(value * 10) / 10)

/** Bars from left to right, each with its value in words. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ value }) => value))
  const room = width - labelWidth - 110
  const rows = bars.map(({ label, value, note }, at) => {
    const y = 44 + at * rowHeight
    const length = Math.max(1, (value / most) * room)
    return `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end" fill="#212b32">${escape(label)}</text>
<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="18" fill="#005eb8"/>
<text x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 15}" fill="#212b32">${shown(value)}${unit}${note === undefined ? '' : ` ${escape(note)}`}</text>`
  })
  return frame(title, 56 + bars.length * rowHeight, rows.join('\n'))
}

/** Women to the left, men to the right, the youngest at the foot. */
export function pyramid(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.flatMap(({ value, other = 0 }) => [value, other]))
  const middle = width / 2
  const room = middle - 120
  const rows = bars.toReversed().map(({ label, value, other = 0 }, at) => {
    const y = 66 + at * rowHeight
    const [left, right] = [(value / most) * room, (other / most) * room]
    return `<text x="${middle}" y="${y + 15}" text-anchor="middle" fill="#212b32">${escape(label)}</text>
<rect x="${(middle - 36 - left).toFixed(1)}" y="${y}" width="${left.toFixed(1)}" height="18" fill="#7c2855"/>
<text x="${(middle - 42 - left).toFixed(1)}" y="${y + 15}" text-anchor="end" fill="#212b32">${shown(value)}%</text>
<rect x="${middle + 36}" y="${y}" width="${right.toFixed(1)}" height="18" fill="#005eb8"/>
<text x="${(middle + 42 + right).toFixed(1)}" y="${y + 15}" fill="#212b32">${shown(other)}%</text>`
  })
  const heads = `<text x="${middle - 36}" y="52" text-anchor="end" font-weight="bold" fill="#7c2855">Women and girls</text>
<text x="${middle + 36}" y="52" font-weight="bold" fill="#005eb8">Men and boys</text>`
  return frame(title, 78 + bars.length * rowHeight, `${heads}\n${rows.join('\n')}`)
}

/** Ours as a bar, the published figure as a dashed line across it. */
export function againstPublished(
  title: string,
  rows: readonly { readonly label: string; readonly ours: number; readonly published: number }[],
): string {
  const left = 360
  const room = width - left - 70
  const lines = rows.map(({ label, ours, published }, at) => {
    const y = 66 + at * rowHeight
    const x = (value: number): string => (left + (Math.min(100, value) / 100) * room).toFixed(1)
    return `<text x="${left - 8}" y="${y + 15}" text-anchor="end" fill="#212b32">${escape(label)}</text>
<rect x="${left}" y="${y}" width="${((Math.min(100, ours) / 100) * room).toFixed(1)}" height="18" fill="#41b6e6"/>
<line x1="${x(published)}" x2="${x(published)}" y1="${y - 3}" y2="${y + 21}" stroke="#212b32" stroke-width="2" stroke-dasharray="4 2"/>
<text x="${width - 62}" y="${y + 15}" fill="#212b32">${shown(ours)}%</text>`
  })
  const key = `<rect x="${left}" y="38" width="14" height="14" fill="#41b6e6"/><text x="${left + 20}" y="50" fill="#212b32">ours</text>
<line x1="${left + 75}" x2="${left + 75}" y1="36" y2="54" stroke="#212b32" stroke-width="2" stroke-dasharray="4 2"/><text x="${left + 83}" y="50" fill="#212b32">published</text>`
  return frame(title, 78 + rows.length * rowHeight, `${key}\n${lines.join('\n')}`)
}
