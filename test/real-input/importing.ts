import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/base/root.ts'
import { sql } from '../../src/base/sql.ts'
import { typeName } from '../../src/kernel/fhir/resource-types.ts'
import { type Ingested, ingest } from '../../src/kernel/ingest/ingest.ts'
import type { TestStore } from '../support/store.ts'

/** Material to read that is not part of Linchpin: it lies beside the package, or it is not there. */
export const sharedFolder = join(packageRoot, '..', 'shared')

/** Why tests on some of it are skipped; false when it is there. */
export const skippedWithout = (name: string): string | false =>
  existsSync(join(sharedFolder, name)) ? false : `${join('..', 'shared', name)} is not here: nothing was imported`

/** Imports paths as the command line does. */
export const importInto = ({ store, url }: TestStore, paths: readonly string[], source = ''): Promise<Ingested> =>
  ingest(store.database, {
    url,
    paths,
    workers: 2,
    submission: {
      requestId: '00000000-0000-4000-8000-000000000000',
      actorKind: 'system',
      actor: 'import',
      actorName: 'Import',
      role: 'system',
      organisation: source,
      purpose: 'HOPERAT',
      source,
      author: '',
    },
    report: () => undefined,
  })

/** Bodies of every version of everything, by `Type/id`; what the person index made is left out. */
export async function storedVersions({ store }: TestStore): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await store.database.search(
    sql`select rtype, id, ver, body from (select rtype, id, ver, author, body from res union all select rtype, id, ver, author, body from res_hist
          union all select rtype, id, ver, author, body from shared union all select rtype, id, ver, author, body from shared_hist) v
        where author <> 'Linchpin' order by rtype, id, ver`,
  )
  const versions = new Map<string, string[]>()
  for (const row of rows) {
    const name = `${typeName(Number(row['rtype']))}/${String(row['id'])}`
    versions.set(name, [...(versions.get(name) ?? []), String(row['body'])])
  }
  return versions
}

/** Rows of each table that a second import must not add to. */
export async function counts({ store }: TestStore): Promise<Readonly<Record<string, unknown>>> {
  const rows = await store.database.search(
    sql`select (select count(*) from res) as res, (select count(*) from res_hist) as res_hist, (select count(*) from shared) as shared,
          (select count(*) from shared_hist) as shared_hist, (select count(*) from res_str) as res_str, (select count(*) from res_date) as res_date,
          (select count(*) from match_key) as match_key, (select count(*) from waiting) as waiting,
          (select count(*) from outbox) + (select count(*) from feed) as told`,
  )
  return rows[0] ?? {}
}
