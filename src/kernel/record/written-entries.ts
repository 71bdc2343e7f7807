import type { FhirResource } from 'fhir/r4.js'
import { personSource } from '../access/submission.ts'
import { typeName } from '../fhir/resource-types.ts'
import { authorReference } from '../search/author.ts'
import { currentRow, text, whole } from '../store/current.ts'
import type { Connection, Row } from '../store/database.ts'
import { instantText } from '../store/draft.ts'
import type { Entry } from '../store/record.ts'
import { authorNames } from './authors.ts'
import { sourcesByCode } from './sources.ts'

/** An entry with the text it is served as, so that a page shows `70.50` with the digits that were sent. */
export interface WrittenEntry extends Entry {
  /** The stored JSON, byte for byte. `resource` is the same, parsed. */
  readonly json: string
}

const decode = (body: string): FhirResource => JSON.parse(body) as FhirResource

/** Rows of `res` with a `date`, as entries: sources and authors by name. */
export async function writtenEntries(
  connection: Pick<Connection, 'query'>,
  rows: readonly Row[],
): Promise<WrittenEntry[]> {
  const current = rows.map((row) => currentRow('res', row))
  const [sources, authors] = await Promise.all([
    sourcesByCode(connection, [...new Set(current.map((row) => row.source))]),
    authorNames(
      connection,
      current.map((row) => row.author).filter((author) => author !== ''),
    ),
  ])
  return current.map((row, index) => {
    const date = text(rows[index] ?? {}, 'date')
    const resource = decode(row.body)
    return {
      type: typeName(whole(rows[index] ?? {}, 'rtype')) ?? '',
      id: row.id,
      version: row.version,
      source: sources.get(row.source) ?? { code: row.source, name: row.source, setting: 'other' },
      author: authors.get(row.author) || (authorReference({ ...resource })?.display ?? ''),
      assertedBy: assertedBy(row.source, row.author),
      ...(date === '' || date.includes('infinity')
        ? {}
        : { eventTime: Temporal.Instant.from(date.replace(' ', 'T')).toString() }),
      receivedTime: instantText(row.updatedMs),
      resource,
      json: row.body,
    }
  })
}

/** Who speaks in an entry. What people and carers add has a source of its own; feeds may also name them as author. */
function assertedBy(source: string, author: string): Entry['assertedBy'] {
  if (author.startsWith('RelatedPerson/')) return 'carer'
  return source === personSource || author.startsWith('Patient/') || author.startsWith('Person/')
    ? 'person'
    : 'professional'
}
