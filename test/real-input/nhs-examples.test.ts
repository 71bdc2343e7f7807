import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { isObject } from '../../src/base/json.ts'
import { checkStructure } from '../../src/kernel/fhir/structure.ts'
import type { Ingested } from '../../src/kernel/ingest/ingest.ts'
import { type FoundResource, resourcesIn } from '../../src/kernel/ingest/resources.ts'
import { type TestStore, testStore } from '../support/store.ts'
import { bare } from './equal.ts'
import { importInto, sharedFolder, skippedWithout, storedVersions } from './importing.ts'

const skip = skippedWithout('nhs')
const examplesOf = (guide: string): string => join(sharedFolder, 'nhs', guide, 'examples')

/** The guides that have published examples. */
const guides =
  skip === false ? readdirSync(join(sharedFolder, 'nhs')).filter((guide) => examplesIn(guide).length > 0) : []

const folder = mkdtempSync(join(tmpdir(), 'linchpin-examples-'))
let store: TestStore
let ingested: Ingested
let stored: ReadonlyMap<string, readonly string[]>

before(async () => {
  // Linked under names that say the guide: only those files of a folder that are resources.
  for (const guide of guides)
    for (const [n, file] of examplesIn(guide).entries()) symlinkSync(file, join(folder, `${guide}+${n}.json`))
  store = await testStore()
  ingested = await importInto(store, [folder])
  stored = await storedVersions(store)
})
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Files that are one R4 resource each; the others are request parameters, headers and notes. */
function examplesIn(guide: string): readonly string[] {
  if (!existsSync(examplesOf(guide))) return []
  return readdirSync(examplesOf(guide), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(examplesOf(guide), name))
    .filter(isResource)
}

function isResource(file: string): boolean {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isObject(value) && 'resourceType' in value
}

const foundIn = (guide: string): readonly FoundResource[] =>
  examplesIn(guide).flatMap((file) => resourcesIn(readFileSync(file, 'utf8'), file))

test('every example is accounted for', { skip }, () => {
  const { account } = ingested
  assert.ok(guides.length > 25)
  assert.equal(account.found, guides.flatMap(foundIn).length)
  assert.equal(account.stored + account.unchanged + account.refused, account.found)
})

for (const guide of guides)
  test(`examples of ${guide}: refused is what the structure check refuses, all else is read back as published`, () => {
    const found = foundIn(guide)
    const refused = ingested.account.exceptions.filter(
      ({ kind, file }) => kind === 'refused' && basename(file).startsWith(`${guide}+`),
    )
    assert.equal(refused.length, found.filter((each) => !each.ok).length, JSON.stringify(refused, undefined, 1))
    for (const each of found) {
      if (!each.ok) continue
      const versions = stored.get(`${each.draft.type}/${each.id}`) ?? []
      const sent = bare(each.draft.text)
      assert.ok(
        versions.some((version) => bare(version) === sent),
        `${each.place}: ${each.draft.type}/${each.id}`,
      )
    }
  })

test('a file with one resource is refused just when the structure check refuses it', { skip }, () => {
  for (const file of guides.flatMap(examplesIn)) {
    const text = readFileSync(file, 'utf8')
    const resource: unknown = JSON.parse(text)
    if (!isObject(resource) || resource['resourceType'] === 'Bundle') continue
    const [found] = resourcesIn(text, file)
    // One published Patient has a name twice in an object, which no parser shows.
    const twice = found?.ok === false && found.why.endsWith('A name occurs twice in one object')
    assert.equal(found?.ok === true || twice, checkStructure(resource).issues.length === 0, file)
  }
})
