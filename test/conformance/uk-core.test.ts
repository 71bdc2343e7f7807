import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isObject } from '../../src/base/json.ts'
import { packageRoot } from '../../src/base/root.ts'
import { Library } from '../../src/kernel/fhir/packages/library.ts'
import { loadPackages } from '../../src/kernel/fhir/packages/load-packages.ts'
import { makeSnapshot } from '../../src/kernel/fhir/profiles/snapshot.ts'
import { Validator } from '../../src/kernel/fhir/validate/validator.ts'

const folder = join(packageRoot, '..', 'shared', 'nhs', 'uk-core')
const skip = existsSync(folder) ? false : 'UK Core is not here (../shared)'

function ukCore(): Library {
  const library = new Library()
  loadPackages(library, [folder])
  return library
}

test('UK Core loads whole: every differential fits its base', { skip }, () => {
  const library = ukCore()
  let made = 0
  for (const each of library.all()) {
    if (each.resourceType !== 'StructureDefinition') continue
    const { elements, faults } = makeSnapshot(each, (url) => library.structure(url))
    assert.deepEqual(faults, [], each.url)
    assert.ok(elements.length > 4, each.url)
    made += 1
  }
  assert.equal(made, 153)
})

const errorsOf = (validator: Validator, resource: unknown): readonly string[] =>
  validator
    .validate(resource)
    .filter((issue) => issue.severity === 'error')
    .map((issue) => `${issue.rule} ${issue.expression}: ${issue.message}`)

test('every UK Core example is accepted, at base and against its profiles', { skip }, () => {
  const [base, profiled] = [new Validator(new Library()), new Validator(ukCore())]
  for (const name of readdirSync(join(folder, 'examples'))) {
    const resource: unknown = JSON.parse(readFileSync(join(folder, 'examples', name), 'utf8'))
    assert.ok(isObject(resource))
    assert.deepEqual(errorsOf(base, resource), [], name)
    assert.deepEqual(errorsOf(profiled, resource), [], name)
  }
})
