import { Tag } from 'nhsuk-react-components'
import type { ReactElement } from 'react'

/** How two values of one field compare, in words. */
export interface Match {
  readonly level: 'same' | 'similar' | 'different' | 'missing'
  /** "Same", "Similar: punctuation", "Missing in B". */
  readonly words: string
}

export interface CompareRow {
  readonly field: string
  readonly left: string
  readonly right: string
  readonly match: Match
}

const colours = { same: 'green', similar: 'yellow', different: 'orange', missing: 'grey' } as const

/** Two records side by side, differences first. On a phone each field is a block. */
export function CompareTable(props: {
  readonly caption: string
  readonly leftHead: string
  readonly rightHead: string
  readonly rows: readonly CompareRow[]
}): ReactElement {
  return (
    <table className="app-table app-compare" role="table">
      <caption className="nhsuk-u-visually-hidden">{props.caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {['Field', props.leftHead, props.rightHead, 'Match'].map((head) => (
            <th key={head} role="columnheader" scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {differencesFirst(props.rows).map((row) => (
          <CompareLine key={row.field} row={row} heads={['A', 'B']} />
        ))}
      </tbody>
    </table>
  )
}

function CompareLine({ row, heads }: { row: CompareRow; heads: readonly [string, string] }): ReactElement {
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {row.field}
      </th>
      {[row.left, row.right].map((value, index) => (
        <td role="cell" key={heads[index] ?? ''}>
          <span className="app-table__label" aria-hidden="true">
            {heads[index]}
          </span>
          <span className="app-table__value">{value}</span>
        </td>
      ))}
      <td role="cell">
        <span className="app-table__label" aria-hidden="true">
          Match
        </span>
        <span className="app-table__value">
          <Tag color={colours[row.match.level]}>{row.match.words}</Tag>
        </span>
      </td>
    </tr>
  )
}

const rank = { different: 0, similar: 1, missing: 2, same: 3 } as const

const differencesFirst = (rows: readonly CompareRow[]): readonly CompareRow[] =>
  [...rows].sort((a, b) => rank[a.match.level] - rank[b.match.level])
