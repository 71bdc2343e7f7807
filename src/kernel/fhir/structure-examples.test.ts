import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isObject } from '../../base/json.ts'
import { packageRoot } from '../../base/root.ts'
import { checkStructure } from './structure.ts'

const shared = join(packageRoot, '..', 'shared')
const skip = existsSync(shared) ? false : `published examples are not here (${join('..', 'shared')}): nothing checked`

const jsonFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name))

const resourceIn = (file: string): Readonly<Record<string, unknown>> | undefined => {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isObject(value) && 'resourceType' in value ? value : undefined
}

/** The published examples that are accepted and refused, by guide. */
const examples: Readonly<Record<string, readonly [accepted: number, refused: number]>> = {
  bars: [83, 16],
  'clinical-data-gateway': [6, 0],
  'clinical-observations': [29, 1],
  'directory-of-services': [34, 1],
  'eligibility-signposting': [4, 0],
  'england-ig': [73, 0],
  eps: [149, 3],
  'eps-clinical-tracker': [6, 8],
  'eps-status-update': [8, 2],
  ers: [73, 49],
  frameworks: [38, 8],
  'gp-connect': [1, 1],
  'home-test': [9, 0],
  immunisation: [20, 2],
  'medicines-ig': [65, 0],
  'multicast-notification': [15, 2],
  'nhs-app': [24, 0],
  nrl: [8, 1],
  ods: [3, 3],
  pathology: [13, 0],
  'patient-care-aggregator': [13, 9],
  pds: [69, 23],
  'prescriptions-for-patients': [8, 1],
  'proxy-validated-relationships': [34, 13],
  'reasonable-adjustment-flag': [2, 19],
  sds: [3, 3],
  'summary-care-record': [36, 33],
  'uk-core': [134, 0],
  'virtual-wards': [0, 1],
}

test('every Synthea record is well formed', { skip }, () => {
  const files = jsonFiles(join(shared, 'synthea'))
  assert.ok(files.length > 80)
  for (const file of files) assert.deepEqual(checkStructure(resourceIn(file)).issues, [], file)
})

// Refused, and rightly: placeholders of test templates ("#(birthDate)"), times without seconds, empty strings and arrays,
// numbers and booleans as text, arrays for single elements, missing required elements (Composition.title,
// Condition.subject, Consent…actor.role), urn:uuid as an id, and STU3 resources (e-RS, reasonable adjustments).
for (const [guide, counts] of Object.entries(examples))
  test(`published examples of ${guide}: ${counts[0]} accepted, ${counts[1]} refused`, { skip }, () => {
    const resources = jsonFiles(join(shared, 'nhs', guide, 'examples')).map(resourceIn)
    const found = resources.filter((each) => each !== undefined).map((each) => checkStructure(each).issues.length)
    assert.deepEqual([found.filter((count) => count === 0).length, found.filter((count) => count > 0).length], counts)
  })
