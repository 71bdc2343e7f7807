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
  bars: [81, 18],
  'clinical-data-gateway': [6, 0],
  'clinical-observations': [29, 1],
  'directory-of-services': [33, 2],
  'eligibility-signposting': [4, 0],
  'england-ig': [73, 0],
  eps: [148, 4],
  'eps-clinical-tracker': [6, 8],
  'eps-status-update': [5, 5],
  ers: [72, 50],
  frameworks: [37, 9],
  'gp-connect': [1, 1],
  'home-test': [9, 0],
  immunisation: [19, 3],
  'medicines-ig': [65, 0],
  'multicast-notification': [15, 2],
  'nhs-app': [24, 0],
  nrl: [8, 1],
  ods: [3, 3],
  pathology: [11, 2],
  'patient-care-aggregator': [9, 13],
  pds: [69, 23],
  'prescriptions-for-patients': [7, 2],
  'proxy-validated-relationships': [34, 13],
  'reasonable-adjustment-flag': [2, 19],
  sds: [1, 5],
  'summary-care-record': [34, 35],
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
// Condition.subject, Consent…actor.role), urn:uuid as an id, and STU3 resources (e-RS, reasonable adjustments). By rule:
// codes outside a required value set ("active" for a clinical status without a system, issue codes "success" and
// "internal", an activity kind QuestionnaireResponse), one fullUrl twice (bdl-7), a searchset called a document (bdl-11),
// an absent value with a value (obs-6), a contained resource nobody refers to (dom-3), an Organization as source of answers,
// UUIDs in capitals, a SNOMED CT code of three digits, an NHS number without a value.
for (const [guide, counts] of Object.entries(examples))
  test(`published examples of ${guide}: ${counts[0]} accepted, ${counts[1]} refused`, { skip }, () => {
    const resources = jsonFiles(join(shared, 'nhs', guide, 'examples')).map(resourceIn)
    const found = resources.filter((each) => each !== undefined).map((each) => checkStructure(each).issues.length)
    assert.deepEqual([found.filter((count) => count === 0).length, found.filter((count) => count > 0).length], counts)
  })
