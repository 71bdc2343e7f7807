import type { ReactElement, ReactNode } from 'react'

/** A link in a column head that sorts by it, with the order in words. */
export interface SortLink {
  readonly href: string
  readonly state: 'ascending' | 'descending' | 'none'
  /** "newest first". */
  readonly words: string
}

export interface Column<Row> {
  /** Also printed into the cells on a phone, where rows become cards. */
  readonly name: string
  readonly cell: (row: Row) => ReactNode
  readonly rowHeader?: true
  readonly numeric?: true
  readonly sort?: SortLink
}

export interface TableProps<Row> {
  readonly caption: string
  readonly captionHidden?: boolean
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  /** Unique in the table; becomes the anchor `row-{key}`. */
  readonly keyOf: (row: Row) => string
}

/** A table that becomes cards under 768 px: every value keeps its column's name. Roles survive the change of display. */
export function Table<Row>({ caption, captionHidden, columns, rows, keyOf }: TableProps<Row>): ReactElement {
  return (
    <table className="app-table" role="table">
      <caption className={captionHidden === true ? 'nhsuk-u-visually-hidden' : 'app-table__caption'}>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <HeadCell key={column.name} {...column} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr role="row" key={keyOf(row)} id={`row-${keyOf(row)}`}>
            {columns.map((column) => (
              <BodyCell key={column.name} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function HeadCell({ name, numeric, sort }: Pick<Column<never>, 'name' | 'numeric' | 'sort'>): ReactElement {
  const ariaSort = sort === undefined ? {} : { 'aria-sort': sort.state }
  return (
    <th role="columnheader" scope="col" className={numeric === true ? 'app-table__number' : undefined} {...ariaSort}>
      {sort === undefined ? (
        name
      ) : (
        <a href={sort.href}>
          {name} <span className="app-table__order">{sort.words}</span>
        </a>
      )}
    </th>
  )
}

function BodyCell<Row>({ column, row }: { column: Column<Row>; row: Row }): ReactElement {
  const content = (
    <>
      <span className="app-table__label" aria-hidden="true">
        {column.name}
      </span>
      <span className="app-table__value">{column.cell(row)}</span>
    </>
  )
  const className = column.numeric === true ? 'app-table__number' : undefined
  return column.rowHeader === true ? (
    <th role="rowheader" scope="row" className={className}>
      {content}
    </th>
  ) : (
    <td role="cell" className={className}>
      {content}
    </td>
  )
}
