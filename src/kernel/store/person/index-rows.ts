import type { Task } from 'fhir/r4.js'
import { newId } from '../../../base/id.ts'
import { typeNumber } from '../../fhir/resource-types.ts'
import { extract } from '../../search/extract.ts'
import { bodyOf, draftOf, frameOf, instantText } from '../draft.ts'
import { homeToken } from '../homing.ts'
import type { CurrentRow } from '../operation.ts'
import type { PlannedRow } from '../write-plan.ts'
import type { Decided } from './decide-link.ts'
import { goldenPerson } from './golden.ts'
import { type PersonState, personType } from './people.ts'

export const taskType = typeNumber('Task') ?? 0

/** Code system of Linchpin's own codes for the person index. */
export const indexSystem = 'https://linchpin.example/fhir/CodeSystem/person-index'

interface Place {
  readonly rtype: number
  readonly id: string
  readonly person: bigint
  readonly previous: CurrentRow | undefined
  readonly homeTokens: readonly bigint[]
  readonly nowMs: number
}

/** The planned row of a resource that Linchpin itself makes; nothing when it would not change. */
export function ownRow(resource: object, place: Place): PlannedRow[] {
  const draft = draftOf(JSON.stringify(resource), 'A resource of the person index')
  const { previous } = place
  const frame = frameOf(draft, place.id)
  if (previous !== undefined && previous.body === bodyOf(frame, previous.version, previous.updatedMs)) return []
  const version = (previous?.version ?? 0) + 1
  const updatedMs = Math.max(place.nowMs, previous?.updatedMs ?? 0)
  return [
    {
      row: {
        table: 'res',
        person: place.person,
        rtype: place.rtype,
        id: place.id,
        version,
        updatedMs,
        source: '',
        author: 'Linchpin',
        body: bodyOf(frame, version, updatedMs),
        columns: extract(draft.resource),
        resource: draft.resource,
        homeTokens: place.homeTokens,
      },
      previous,
      change: previous === undefined ? 'create' : 'update',
      mayBeAwaited: false,
    },
  ]
}

/** The golden Person of a person as the index now sees them. */
export function goldenRow(person: PersonState, nowMs: number): PlannedRow[] {
  const merge = {
    replaces: person.replaces,
    quarantined: person.quarantined,
    ...(person.replacedBy === undefined ? {} : { replacedBy: person.replacedBy }),
  }
  const golden = goldenPerson(person.id, [...person.members.values()], merge)
  const place = { rtype: personType, id: person.id, person: person.key, previous: person.golden, homeTokens: [], nowMs }
  return ownRow(golden, place)
}

/** A Patient that may be of a person it is not linked to. */
export interface ReviewOf extends Pick<Decided, 'kind' | 'because'> {
  readonly patient: string
  /** Where the Patient is now. */
  readonly home: PersonState
  /** Whose it may be. */
  readonly with: PersonState
  readonly nowMs: number
}

const reviewTask = (review: ReviewOf, id: string): Task => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'proposal',
  code: { coding: [{ system: indexSystem, code: review.kind }] },
  description: review.because,
  focus: { reference: `Patient/${review.patient}` },
  for: { reference: `Patient/${review.patient}` },
  authoredOn: instantText(review.nowMs),
  input: [
    {
      type: { coding: [{ system: indexSystem, code: 'candidate' }] },
      valueReference: { reference: `Person/${review.with.id}` },
    },
  ],
})

/** The task that puts a Patient before a human, beside a person it may be of. */
export function reviewRow(review: ReviewOf): PlannedRow {
  const id = newId(review.home.key)
  const place: Place = {
    rtype: taskType,
    id,
    person: review.home.key,
    previous: undefined,
    homeTokens: [homeToken(`Patient/${review.patient}`)],
    nowMs: review.nowMs,
  }
  const [row] = ownRow(reviewTask(review, id), place)
  if (row === undefined) throw new Error('A new review task is always written')
  return row
}
