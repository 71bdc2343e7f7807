import { Details } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import { momentText } from '../format/dates.ts'
import { Table } from '../table.tsx'
import { Plot, type PlotProps } from './plot.tsx'
import { timeWindow, valueDomain } from './window.ts'

/** One measurement. `low` makes it a pair drawn as one T-bar, as for blood pressure. */
export interface ChartPoint {
  readonly key: string
  /** RFC 3339. */
  readonly time: string
  readonly value: number
  readonly low?: number
  /** Value and unit exactly as sent: "5.9 mmol/L". */
  readonly text: string
  readonly source: string
}

export interface ChartProps {
  /** A sentence with the finding: "Potassium rose from 4.1 to 5.9 mmol/L between 3 March and 22 November 2026." */
  readonly caption: string
  readonly unit: string
  readonly points: readonly ChartPoint[]
  readonly range?: { readonly low?: number; readonly high?: number; readonly text: string } | undefined
  readonly now: number
}

const sizes = [
  { size: 'wide', width: 720, height: 280, fontSize: 16 },
  { size: 'narrow', width: 360, height: 280, fontSize: 17 },
] as const

/** Results over time. Drawn twice, for wide and narrow pages, because letters must not shrink; CSS shows one. */
export function Chart({ caption, unit, points, range, now }: ChartProps): ReactElement {
  const sorted = [...points].sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
  const window = timeWindow(
    sorted.map(({ time }) => Date.parse(time)),
    now,
  )
  const shared: Omit<PlotProps, 'width' | 'height' | 'fontSize' | 'size'> = {
    caption,
    unit,
    points: sorted,
    range,
    window,
  }
  return (
    <figure className="app-chart">
      <figcaption>{caption}</figcaption>
      <p className="app-chart__note">
        {window.name}, in {unit === '' ? 'no unit' : unit}.
        {range === undefined ? '' : ` Band: reference range ${range.text}.`}
        {valueDomain(sorted, range)[0] > 0 ? ' The scale does not start at 0.' : ''}
      </p>
      {sizes.map((size) => (
        <Plot key={size.size} {...shared} {...size} />
      ))}
      <Details>
        <Details.Summary>Numbers for this chart</Details.Summary>
        <Details.Text>
          <Numbers points={sorted} caption={caption} />
        </Details.Text>
      </Details>
    </figure>
  )
}

const Numbers = ({ points, caption }: { points: readonly ChartPoint[]; caption: string }): ReactElement => (
  <Table
    caption={caption}
    captionHidden
    rows={points.toReversed()}
    keyOf={({ key }) => `chart-${key}`}
    columns={[
      { name: 'Date', rowHeader: true, cell: ({ time }) => momentText(time, 'short') },
      { name: 'Value', cell: ({ text }) => text },
      { name: 'Source', cell: ({ source }) => source },
    ]}
  />
)
