import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ReleaseRow } from './release-row.ts'

const chunkRows = 2_000

/** Rows in chunks that are the same each time the same file is read. */
export async function* chunked(rows: AsyncIterable<ReleaseRow>): AsyncGenerator<readonly ReleaseRow[]> {
  let chunk: ReleaseRow[] = []
  for await (const row of rows) {
    chunk.push(row)
    if (chunk.length === chunkRows) {
      yield chunk
      chunk = []
    }
  }
  if (chunk.length > 0) yield chunk
}

/** The lines of a text file, one after the other: a large file takes no more memory than a small one. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) yield line.replace(/^\uFEFF/, '')
}

/** The fields of a line of comma-separated values (RFC 4180; no line breaks inside fields). */
export function fieldsOf(line: string): readonly string[] {
  const fields: string[] = []
  let at = 0
  while (at <= line.length) {
    if (line[at] === '"') {
      let field = ''
      at += 1
      for (;;) {
        const quote = line.indexOf('"', at)
        const end = quote === -1 ? line.length : quote
        field += line.slice(at, end)
        at = end + 1
        if (line[at] !== '"') break
        field += '"'
        at += 1
      }
      fields.push(field)
      at += 1
    } else {
      const comma = line.indexOf(',', at)
      const end = comma === -1 ? line.length : comma
      fields.push(line.slice(at, end))
      at = end + 1
    }
  }
  return fields
}

/** The records of a file of comma-separated values whose first line names the columns. */
export async function* recordsOf(file: string): AsyncGenerator<Readonly<Record<string, string>>> {
  let columns: readonly string[] | undefined
  for await (const line of linesOf(file)) {
    const fields = fieldsOf(line)
    if (columns === undefined) columns = fields
    else if (line !== '') yield Object.fromEntries(columns.map((column, at) => [column, fields[at] ?? '']))
  }
}
