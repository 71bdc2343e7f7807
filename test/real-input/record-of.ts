import { sql } from '../../src/base/sql.ts'
import { typeName, typeNumber } from '../../src/kernel/fhir/resource-types.ts'
import type { TestStore } from '../support/store.ts'
import { bare } from './equal.ts'

interface Stored {
  readonly name: string
  readonly text: string
}

/**
 * All that lies under the person of a Patient, in an order and under names that do not depend on ids: what a resource is
 * called follows from its own text and from the resources it speaks of.
 */
export async function recordOf({ store }: TestStore, patient: string): Promise<readonly string[]> {
  const rows = await store.database.search(
    sql`select rtype, id, body from res where author <> 'Linchpin'
          and person = (select person from res where rtype = ${typeNumber('Patient') ?? 0}::int2 and id = ${patient})`,
  )
  const stored = rows.map(
    (row): Stored => ({
      name: `${typeName(Number(row['rtype']))}/${String(row['id'])}`,
      text: bare(String(row['body'])),
    }),
  )
  const texts = new Map(stored.map(({ name, text }) => [name, text]))
  return stored.map(({ text }) => spelledOut(text, texts)).sort()
}

/** References replaced by what they lead to, one step deep; those out of the record by their type alone. */
function spelledOut(text: string, texts: ReadonlyMap<string, string>): string {
  return withTargets(text, (name) => {
    const target = texts.get(name)
    return target === undefined ? `a ${name.split('/')[0]}` : withTargets(target, (inner) => `a ${inner.split('/')[0]}`)
  })
}

const withTargets = (text: string, spell: (name: string) => string): string =>
  text.replaceAll(
    /"reference":"([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})"/g,
    (_, name: string) => `"reference":${JSON.stringify(spell(name))}`,
  )
