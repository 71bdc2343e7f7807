import { sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Connection } from './database.ts'
import { int2Array } from './wire.ts'

/** Types whose stored resources say how others are read, checked or searched for: caches of them compare counts. */
const counted: readonly string[] = [
  'CodeSystem',
  'ValueSet',
  'ConceptMap',
  'NamingSystem',
  'StructureDefinition',
  'SearchParameter',
  'OperationDefinition',
  'Questionnaire',
  'Measure',
]

const countedNumbers: ReadonlySet<number> = new Set(counted.flatMap((type) => typeNumber(type) ?? []))

/**
 * Counts a change of definitions, in the writer's own transaction: a process that compares the counts before it answers
 * never answers from definitions older than the last commit, whichever process made that.
 */
export async function countDefinitionChanges(
  connection: Pick<Connection, 'query'>,
  rows: readonly { readonly rtype: number }[],
): Promise<void> {
  const changed = [...new Set(rows.map((row) => row.rtype))].filter((rtype) => countedNumbers.has(rtype))
  if (changed.length === 0) return
  await connection.query(
    sql`insert into definition_change as d (rtype, count) select rtype, 1 from unnest(${int2Array(changed)}::int2[]) k(rtype) order by rtype
        on conflict (rtype) do update set count = d.count + 1`,
    'definition_change',
  )
}
