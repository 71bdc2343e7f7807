import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../src/base/problem.ts'
import { decideReview, listReviews, undoDecision } from '../../src/kernel/record/reviews.ts'
import { type TestStore, testStore } from '../support/store.ts'
import { indexIsSound } from './index-state.ts'
import { indexOfficer } from './people.ts'

// Whatever is written, deleted, merged and taken apart, in whatever order: the person index stays sound.

const long = process.env['LINCHPIN_LONG'] === '1'

/** Identities that are near enough to one another to be linked, doubted, and told apart. */
const identities: readonly (readonly [
  number: string | undefined,
  given: string,
  birthDate: string,
  postcode: string,
])[] = [
  ['9990000018', 'Margaret', '1951-03-14', 'LS1 4AP'],
  ['9990000018', 'Peggy', '1951-03-14', 'LS1 4AP'],
  ['9990000018', 'Margaret', '1951-03-15', 'LS1 4AP'],
  [undefined, 'Margaret', '1951-03-14', 'LS1 4AP'],
  [undefined, 'Margaret', '1951-03-14', 'BD1 1AA'],
  ['9990000026', 'Margaret', '1951-03-14', 'LS1 4AP'],
  ['9990000026', 'Zora', '1988-08-08', 'HX1 1AA'],
]

type Step =
  | { readonly act: 'patient'; readonly patient: number; readonly identity: number }
  | { readonly act: 'delete patient'; readonly patient: number }
  | { readonly act: 'entry'; readonly entry: number; readonly patient: number }
  | { readonly act: 'delete entry'; readonly entry: number }
  | { readonly act: 'same' | 'undo'; readonly review: number }

const patient = fc.nat({ max: 3 })
const entry = fc.nat({ max: 5 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('patient' as const),
      patient,
      identity: fc.nat({ max: identities.length - 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('delete patient' as const), patient }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('entry' as const), entry, patient }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('delete entry' as const), entry }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom('same' as const, 'undo' as const), review: fc.nat({ max: 5 }) }),
  },
)

test('the index is sound after any sequence of writes, merges and their undoing', {
  timeout: long ? 900_000 : 80_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14, size: 'max' }), async (steps) => {
      const store = await testStore()
      try {
        for (const each of steps) {
          await take(store, each)
          await indexIsSound(store)
        }
      } finally {
        await store.close()
      }
    }),
    { numRuns: long ? 400 : 12, endOnFailure: false, interruptAfterTimeLimit: long ? 800_000 : 30_000 },
  )
})

// What the property found once, step by step.
const found: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  [
    'the last Patient of a person is deleted',
    [
      { act: 'patient', patient: 0, identity: 0 },
      { act: 'entry', entry: 0, patient: 0 },
      { act: 'delete patient', patient: 0 },
    ],
  ],
  [
    'a Patient that was deleted comes back as the same person, and as another',
    [
      { act: 'patient', patient: 0, identity: 0 },
      { act: 'entry', entry: 0, patient: 0 },
      { act: 'delete patient', patient: 0 },
      { act: 'patient', patient: 0, identity: 0 },
      { act: 'delete patient', patient: 0 },
      { act: 'patient', patient: 1, identity: 6 },
      { act: 'patient', patient: 0, identity: 6 },
    ],
  ],
  [
    'a person is merged, and taken apart, who has entries of a Patient that was deleted',
    [
      { act: 'patient', patient: 0, identity: 0 },
      { act: 'patient', patient: 2, identity: 4 },
      { act: 'patient', patient: 3, identity: 4 },
      { act: 'entry', entry: 0, patient: 3 },
      { act: 'delete patient', patient: 3 },
      { act: 'same', review: 0 },
      { act: 'undo', review: 0 },
      { act: 'patient', patient: 3, identity: 4 },
    ],
  ],
  [
    'all Patients of a merged person are deleted, and one comes back',
    [
      { act: 'patient', patient: 1, identity: 4 },
      { act: 'patient', patient: 0, identity: 0 },
      { act: 'same', review: 0 },
      { act: 'delete patient', patient: 1 },
      { act: 'entry', entry: 0, patient: 0 },
      { act: 'delete patient', patient: 0 },
      { act: 'patient', patient: 0, identity: 0 },
      { act: 'undo', review: 0 },
    ],
  ],
  [
    'an entry that was deleted comes back about another Patient',
    [
      { act: 'entry', entry: 5, patient: 1 },
      { act: 'patient', patient: 0, identity: 0 },
      { act: 'delete entry', entry: 5 },
      { act: 'entry', entry: 5, patient: 0 },
    ],
  ],
]

for (const [what, steps] of found)
  test(`the index is sound when ${what}`, async () => {
    const store = await testStore()
    try {
      for (const each of steps) {
        await take(store, each)
        await indexIsSound(store)
      }
    } finally {
      await store.close()
    }
  })

async function take(store: TestStore, each: Step): Promise<void> {
  switch (each.act) {
    case 'patient':
      return write(store, 'PUT', `Patient/p${each.patient}`, patientText(each.patient, each.identity))
    case 'delete patient':
      return write(store, 'DELETE', `Patient/p${each.patient}`)
    case 'entry': {
      const text = `{"resourceType":"Observation","id":"e${each.entry}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p${each.patient}"}}`
      return write(store, 'PUT', `Observation/e${each.entry}`, text)
    }
    case 'delete entry':
      return write(store, 'DELETE', `Observation/e${each.entry}`)
    case 'same':
    case 'undo':
      return review(store, each.act, each.review)
  }
}

async function write(store: TestStore, method: string, path: string, body?: string): Promise<void> {
  const answer = await store.fhir(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
}

function patientText(n: number, identity: number): string {
  const [number, given, birthDate, postalCode] = identities[identity] ?? ['', '', '', '']
  return JSON.stringify({
    resourceType: 'Patient',
    id: `p${n}`,
    ...(number === undefined ? {} : { identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: number }] }),
    name: [{ family: 'Hill', given: [given] }],
    birthDate,
    address: [{ line: ['1 High Street'], postalCode }],
  })
}

/** Decides or undoes one of the reviews there are; what the rules forbid changes nothing. */
async function review(store: TestStore, act: 'same' | 'undo', n: number): Promise<void> {
  const ctx = store.contextOf(indexOfficer)
  const { reviews } = await listReviews(ctx, act === 'same' ? 'open' : 'decided')
  const chosen = reviews[n % Math.max(1, reviews.length)]
  if (chosen === undefined) return
  try {
    if (act === 'same') await decideReview(ctx, chosen.id, { decision: 'same', why: 'They are' })
    else await undoDecision(ctx, chosen.id)
  } catch (error) {
    if (!(error instanceof Problem) || error.kind === 'fault') throw error
  }
}
