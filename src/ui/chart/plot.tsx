import { type ScaleLinear, type ScaleTime, scaleLinear, scaleUtc } from 'd3-scale'
import { line } from 'd3-shape'
import type { ReactElement } from 'react'
import { dateText } from '../format/dates.ts'
import type { ChartPoint, ChartProps } from './chart.tsx'
import { type TimeWindow, valueDomain } from './window.ts'

export interface PlotProps extends Omit<ChartProps, 'now'> {
  readonly size: 'wide' | 'narrow'
  readonly width: number
  readonly height: number
  readonly fontSize: number
  readonly window: TimeWindow
}

type X = ScaleTime<number, number>
type Y = ScaleLinear<number, number>

const margin = { top: 28, right: 18, bottom: 34, left: 56 } as const

/** The drawing itself, at one size. */
export function Plot({ size, width, height, fontSize, window, points, range, caption }: PlotProps): ReactElement {
  const x = scaleUtc([window.from, window.to], [margin.left, width - margin.right])
  const y = scaleLinear(valueDomain(points, range), [height - margin.bottom, margin.top]).nice(5)
  return (
    <svg
      className={`app-chart__plot app-chart__plot--${size}`}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={caption}
      fontSize={fontSize}
    >
      <Band y={y} width={width} range={range} />
      <ValueAxis y={y} width={width} />
      <TimeAxis x={x} width={width} height={height} window={window} />
      <Marks x={x} y={y} points={points} />
      <Labels x={x} y={y} points={points} width={width} fontSize={fontSize} />
    </svg>
  )
}

function Band({ y, width, range }: { y: Y; width: number; range: ChartProps['range'] }): ReactElement | null {
  if (range === undefined) return null
  const [bottom = 0, top = 0] = y.range()
  const from = range.low === undefined ? bottom : y(range.low)
  const to = range.high === undefined ? top : y(range.high)
  return (
    <rect
      x={margin.left}
      y={to}
      width={width - margin.left - margin.right}
      height={Math.max(0, from - to)}
      className="app-chart__band"
    />
  )
}

const ValueAxis = ({ y, width }: { y: Y; width: number }): ReactElement => (
  <g>
    {y.ticks(5).map((tick) => (
      <g key={tick}>
        <line x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} className="app-chart__grid" />
        <text x={margin.left - 8} y={y(tick)} dy="0.35em" textAnchor="end">
          {tick}
        </text>
      </g>
    ))}
  </g>
)

/** Only the two ends are written: they never collide, and they turn inwards so that nothing is cut off. */
const TimeAxis = ({
  x,
  width,
  height,
  window,
}: {
  x: X
  width: number
  height: number
  window: TimeWindow
}): ReactElement => {
  const bottom = height - margin.bottom
  const words = (time: number): string => dateText(new Date(time).toISOString(), 'short')
  return (
    <g>
      <line x1={margin.left} x2={width - margin.right} y1={bottom} y2={bottom} className="app-chart__axis" />
      <text x={x(window.from)} y={height - 10} textAnchor="start">
        {words(window.from)}
      </text>
      <text x={x(window.to)} y={height - 10} textAnchor="end">
        {words(window.to)}
      </text>
    </g>
  )
}

function Marks({ x, y, points }: { x: X; y: Y; points: readonly ChartPoint[] }): ReactElement {
  const place = ({ time }: ChartPoint): number => x(Date.parse(time))
  if (points.some(({ low }) => low !== undefined)) return <Bars x={x} y={y} points={points} />
  const path = line<ChartPoint>(place, ({ value }) => y(value))(points) ?? ''
  return (
    <g>
      <path d={path} className="app-chart__line" />
      {points.map((point) => (
        <circle key={point.key} cx={place(point)} cy={y(point.value)} r={4.5} className="app-chart__point" />
      ))}
    </g>
  )
}

/** Upper and lower value of one measurement as one T-bar. */
const Bars = ({ x, y, points }: { x: X; y: Y; points: readonly ChartPoint[] }): ReactElement => (
  <g className="app-chart__bars">
    {points.map(({ key, time, value, low = value }) => {
      const at = x(Date.parse(time))
      return <path key={key} d={`M${at - 5} ${y(value)}h10M${at} ${y(value)}V${y(low)}M${at - 5} ${y(low)}h10`} />
    })}
  </g>
)

/** The last two values in words, the one before last only when there is room for both. */
function Labels(props: { x: X; y: Y; points: readonly ChartPoint[]; width: number; fontSize: number }): ReactElement {
  const { x, y, points, width, fontSize } = props
  const last = points.at(-1)
  const before = points.at(-2)
  if (last === undefined) return <g />
  const at = (point: ChartPoint): number => x(Date.parse(point.time))
  const reach = (text: string): number => text.length * fontSize * 0.55
  const inwards = at(last) > width / 2
  const lastStart = inwards ? at(last) - reach(last.text) : at(last)
  const hasRoom =
    before !== undefined &&
    at(before) + reach(before.text) / 2 < lastStart - 8 &&
    at(before) - reach(before.text) / 2 > margin.left
  // The line comes to the last point from the left: its words stand on the side that the line is not.
  const rises = before === undefined || last.value >= before.value
  return (
    <g className="app-chart__label">
      {hasRoom ? (
        <text x={at(before)} y={rises ? labelBelow(y, before, fontSize) : y(before.value) - 10} textAnchor="middle">
          {before.text}
        </text>
      ) : null}
      <text
        x={at(last)}
        y={rises ? y(last.value) - 10 : labelBelow(y, last, fontSize)}
        textAnchor={inwards ? 'end' : 'start'}
      >
        {last.text}
      </text>
    </g>
  )
}

/** Under a point, or under the lower end of a pair. */
const labelBelow = (y: Y, { value, low }: ChartPoint, fontSize: number): number => y(low ?? value) + fontSize + 8
