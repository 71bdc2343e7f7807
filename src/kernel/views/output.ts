import { problem } from '../../base/problem.ts'
import { mediaType, rankedTypes } from '../rest/format.ts'
import type { ViewColumn } from './compile-view.ts'

/** How the rows of a view are written. */
export type RowFormat = 'json' | 'ndjson' | 'csv' | 'parquet'

const formatByName: Readonly<Record<string, RowFormat>> = {
  json: 'json',
  'application/json': 'json',
  'application/fhir+json': 'json',
  ndjson: 'ndjson',
  'application/ndjson': 'ndjson',
  'application/x-ndjson': 'ndjson',
  csv: 'csv',
  'text/csv': 'csv',
  parquet: 'parquet',
  'application/parquet': 'parquet',
  'application/vnd.apache.parquet': 'parquet',
}

export const contentTypes: Readonly<Record<RowFormat, string>> = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** The format that was asked for by name, or by the `Accept` header; JSON when nothing was. */
export function rowFormat(asked: string | undefined, accept: string | undefined): RowFormat {
  const name = asked === undefined ? undefined : mediaType(asked.replaceAll(' ', '+'))
  const found = name === undefined ? undefined : formatByName[name]
  if (found !== undefined) return found
  if (name !== undefined)
    throw problem('invalid', `Rows are written as ${[...new Set(Object.values(formatByName))].join(', ')}`, {
      expression: '_format',
    })
  return (
    rankedTypes(accept)
      .map((each) => formatByName[each])
      .find((each) => each !== undefined) ?? 'json'
  )
}

type Rows = readonly (readonly unknown[])[]

/** Writes rows as text, piece by piece. */
export interface RowText {
  readonly start: string
  /** `first` for the piece that nothing stands before. */
  piece(rows: Rows, first: boolean): string
  readonly end: string
}

/** The writer of a text format; `header` says whether CSV begins with the names of the columns. */
export function rowText(
  format: Exclude<RowFormat, 'parquet'>,
  columns: readonly ViewColumn[],
  header: boolean,
): RowText {
  const names = columns.map(({ name }) => name)
  const object = (row: readonly unknown[]): string =>
    JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])))
  switch (format) {
    case 'json':
      return {
        start: '[',
        end: ']',
        piece: (rows, first) => (first || rows.length === 0 ? '' : ',') + rows.map(object).join(','),
      }
    case 'ndjson':
      return { start: '', end: '', piece: (rows) => rows.map((row) => `${object(row)}\n`).join('') }
    case 'csv':
      return {
        start: header ? `${names.map(csvField).join(',')}\r\n` : '',
        end: '',
        piece: (rows) => rows.map((row) => `${names.map((_, index) => csvField(row[index])).join(',')}\r\n`).join(''),
      }
  }
}

/** RFC 4180; what is not there is empty, and an empty text is quoted so that it is told from that. */
function csvField(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
