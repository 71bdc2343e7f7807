import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type TestStore, testStore } from '../../../test/support/store.ts'
import { assertLive, builderOf, observationBody, submission } from '../../../test/support/views.ts'
import { personKey } from '../../base/id.ts'
import { commit } from '../store/commit.ts'
import { draftOf } from '../store/draft.ts'
import type { Operation } from '../store/operation.ts'
import { type Merged, mergePersons, unmergePersons } from '../store/person/merge.ts'
import { bringUp } from './keeper.ts'
import { readLiveViews } from './live-views.ts'
import { type DeclaredView, rebuildView } from './registry.ts'

const long = process.env['LINCHPIN_LONG'] === '1'

const part = fc.constantFrom(
  { column: [{ name: 'version', path: 'meta.versionId' }] },
  {
    column: [
      { name: 'subject', path: 'subject.getReferenceKey()' },
      { name: 'status', path: 'status' },
    ],
  },
  {
    forEach: 'name',
    column: [
      { name: 'family', path: 'family' },
      { name: 'given', path: 'given', collection: true },
    ],
  },
  {
    forEachOrNull: 'component',
    column: [
      { name: 'place', path: '%rowIndex' },
      { name: 'value', path: 'value.ofType(Quantity).value' },
    ],
  },
  { column: [{ name: 'only', path: 'name.family' }] },
  {
    unionAll: [
      { forEach: 'name', column: [{ name: 'text', path: 'family' }] },
      { column: [{ name: 'text', path: 'id' }] },
    ],
  },
  { column: [{ name: 'lower', path: 'name.given.first().lower()' }] },
)
const randomView = fc.record({
  resource: fc.constantFrom('Patient', 'Observation', 'Person', 'Organization'),
  status: fc.constant('active'),
  select: fc
    .uniqueArray(part, { minLength: 1, maxLength: 3 })
    .map((parts) => [{ column: [{ name: 'id', path: 'id' }] }, ...parts]),
  where: fc.constantFrom([], [{ path: 'id.exists()' }], [{ path: "status = 'final'" }], [{ path: 'name.exists()' }]),
})

const patients = fc.constantFrom<string>('p1', 'p2', 'p3')
const families = fc.constantFrom('Ahmed', 'Brown')
const patient = fc.record({
  id: patients,
  families: fc.array(families, { maxLength: 2 }),
  number: fc.constantFrom('', '9990000018'),
})
const observation = fc.record({
  id: fc.constantFrom<string>('o1', 'o2', 'o3', 'o4'),
  of: patients,
  values: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
  status: fc.constantFrom<string>('final', 'amended'),
})
const step = fc.oneof(
  { weight: 4, arbitrary: patient.map((each) => ({ kind: 'patient' as const, ...each })) },
  { weight: 5, arbitrary: observation.map((each) => ({ kind: 'observation' as const, ...each })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('Patient/p1', 'Patient/p3', 'Observation/o1', 'Observation/o2')
      .map((name) => ({ kind: 'delete' as const, name })),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merge' as const), of: patients, into: patients }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unmerge' as const }) },
  {
    weight: 1,
    arbitrary: fc.array(observation, { minLength: 1, maxLength: 4 }).map((all) => ({ kind: 'import' as const, all })),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'build' as const }, { kind: 'rebuild' as const }) },
)

const patientBody = ({ id, families: names, number }: typeof patient extends fc.Arbitrary<infer P> ? P : never) => ({
  resourceType: 'Patient',
  id,
  ...(names.length === 0 ? {} : { name: names.map((family) => ({ family, given: [`${family}a`, 'Ä'] })) }),
  ...(number === '' ? {} : { identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: number }] }),
})

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Plays steps on a store of its own. */
class Play {
  readonly #made: TestStore
  readonly #declared: readonly DeclaredView[]
  #merged: { readonly merged: Merged; readonly winner: bigint; readonly loser: bigint } | undefined

  constructor(made: TestStore, declared: readonly DeclaredView[]) {
    this.#made = made
    this.#declared = declared
  }

  async do(each: Step): Promise<void> {
    const put = (body: { resourceType: string; id: string }) =>
      this.#made.fhir('PUT', `${body.resourceType}/${body.id}`, JSON.stringify(body))
    if (each.kind === 'patient') await put(patientBody(each))
    else if (each.kind === 'observation') await put(observationBody(each))
    else if (each.kind === 'delete') await this.#made.fhir('DELETE', each.name)
    else if (each.kind === 'merge') await this.#merge(each.of, each.into)
    else if (each.kind === 'unmerge') await this.#unmerge()
    else if (each.kind === 'import') await this.#import(each.all.map(observationBody))
    else if (each.kind === 'build') await bringUp(builderOf(this.#made), this.#declared)
    else
      for (const live of await readLiveViews(this.#made.store.database.reading))
        if (live.state === 'live') await rebuildView(this.#made.store.database, live)
  }

  async #merge(of: string, into: string): Promise<void> {
    const [loser, winner] = [await this.#made.personOf('Patient', of), await this.#made.personOf('Patient', into)]
    if (loser === undefined || winner === undefined || loser === winner) return
    const merged = await this.#made.store.database.transaction((connection) =>
      mergePersons(connection, winner, loser, Date.now()),
    )
    this.#merged = { merged, winner, loser }
  }

  async #unmerge(): Promise<void> {
    if (this.#merged === undefined) return
    const { merged, winner, loser } = this.#merged
    this.#merged = undefined
    assert.equal(personKey(merged.to), winner)
    await this.#made.store.database
      .transaction((connection) => unmergePersons(connection, merged, winner, loser, Date.now()))
      .catch(() => undefined)
  }

  /** As an import does it: many at once, by COPY. */
  async #import(bodies: readonly { readonly resourceType: string; readonly id: string }[]): Promise<void> {
    const byId = new Map(bodies.map((body) => [body.id, body]))
    const filler = Array.from({ length: 100 }, (_, n) => ({
      ...observationBody({ id: `f${n}`, of: 'p1', values: [n], status: 'final' }),
    }))
    const operations = [...byId.values(), ...filler].map((body): Operation => {
      const draft = draftOf(JSON.stringify(body))
      return { action: 'update', type: draft.type, rtype: draft.rtype, id: body.id, draft, newId: false, submission }
    })
    await this.#made.store.database.copyTransaction((connection) =>
      commit(connection, operations, { atomic: false, copy: true, nowMs: Date.now() }),
    )
  }
}

test('live tables equal a run over everything, whatever is written, deleted, imported, merged and rebuilt', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(randomView, { minLength: 1, maxLength: 4 }),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (views, steps) => {
        const made = await testStore()
        try {
          const declared = views.map((definition, index) => ({ definition: { ...definition, name: `v${index}` } }))
          const play = new Play(made, declared)
          for (const [index, each] of steps.entries()) {
            await play.do(each)
            if (index === Math.floor(steps.length / 3)) await bringUp(builderOf(made), declared)
          }
          await bringUp(builderOf(made), declared)
          const live = await assertLive(made, 'at the end')
          assert.equal(live.filter(({ state }) => state === 'live').length, declared.length)
        } finally {
          await made.close()
        }
      },
    ),
    { numRuns: long ? 300 : 6 },
  )
})
