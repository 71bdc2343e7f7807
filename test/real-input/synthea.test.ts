import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from '../../src/base/sql.ts'
import { typeName } from '../../src/kernel/fhir/resource-types.ts'
import { resourcesIn } from '../../src/kernel/ingest/resources.ts'
import { type TestStore, testStore } from '../support/store.ts'
import { bare } from './equal.ts'
import { counts, importInto, sharedFolder, skippedWithout, storedVersions } from './importing.ts'
import { recordOf } from './record-of.ts'

const folder = join(sharedFolder, 'synthea')
const skip = skippedWithout('synthea')
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8')
const files = skip === false ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
/** Posting takes a second a bundle: all of them only in the long mode. */
const posted = process.env['LINCHPIN_LONG'] === '1' ? files : smallest(6)

let imported: TestStore

before(async () => {
  imported = await testStore()
})
after(() => imported.close())

function smallest(count: number): readonly string[] {
  const people = files.filter((name) => !name.startsWith('hospital'))
  return people.toSorted((a, b) => textOf(a).length - textOf(b).length).slice(0, count)
}

test('all 85 bundles are imported, and every resource is accounted for', { skip }, async () => {
  assert.equal(files.length, 85)
  const { account, missing } = await importInto(imported, [folder])
  assert.deepEqual(account.exceptions, [])
  assert.deepEqual([account.found, account.refused, account.stored + account.unchanged], [23_061, 0, 23_061])
  assert.deepEqual(missing, [])
})

test('every resource is read back as it was sent', { skip }, async () => {
  const stored = await storedVersions(imported)
  for (const file of files)
    for (const found of resourcesIn(textOf(file), file)) {
      assert.ok(found.ok)
      // Some organisations come in two variants: the older one is in the history.
      const versions = stored.get(`${found.draft.type}/${found.id}`) ?? []
      const sent = bare(found.draft.text)
      assert.ok(
        versions.some((version) => bare(version) === sent),
        `${file}, ${found.place}: ${found.draft.type}/${found.id}`,
      )
    }
})

test('a second import stores nothing, makes no version and tells nobody', { skip }, async () => {
  const stands = await counts(imported)
  const { account } = await importInto(imported, [folder])
  assert.deepEqual([account.found, account.stored, account.unchanged, account.refused], [23_061, 0, 23_061, 0])
  assert.deepEqual(await counts(imported), stands)
})

test(`posting ${posted.length} of the bundles gives the same records as importing them`, {
  skip,
  timeout: 600_000,
}, async () => {
  const store = await testStore()
  try {
    for (const file of posted) {
      const answer = await store.fhir('POST', '', textOf(file))
      assert.equal(answer.status, 200, `${file}: ${answer.text.slice(0, 300)}`)
      const patient = patientIn(answer.text)
      // One file holds the hospitals: shared by all, and of nobody's record.
      if (patient === '') continue
      const record = await recordOf(store, patient)
      assert.ok(record.length > 10)
      assert.deepEqual(record, await recordOf(imported, importedPatient(file)), file)
    }
  } finally {
    await store.close()
  }
})

test('what was posted twice is stored twice: a transaction creates', { skip }, async () => {
  const [file = ''] = posted
  const before = await patients(imported)
  assert.equal((await imported.fhir('POST', '', textOf(file))).status, 200)
  assert.equal(await patients(imported), before + 1)
})

const patientIn = (answer: string): string => /"location":"Patient\/([^/]+)\//.exec(answer)?.[1] ?? ''

function importedPatient(file: string): string {
  const found = resourcesIn(textOf(file), file).find((each) => each.ok && typeName(each.draft.rtype) === 'Patient')
  return found?.ok === true ? found.id : ''
}

async function patients({ store }: TestStore): Promise<number> {
  const rows = await store.database.search(
    sql`select count(*)::float8 as n from res where body like '{"resourceType":"Patient"%'`,
  )
  return Number(rows[0]?.['n'])
}
