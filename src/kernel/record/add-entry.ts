import type { FhirResource, Reference } from 'fhir/r4.js'
import { newId } from '../../base/id.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Actor } from '../access/actor.ts'
import type { Context } from '../access/context.ts'
import { submissionOf } from '../access/submission.ts'
import { mayAdd } from '../access/visible.ts'
import { text } from '../store/current.ts'
import { draftOf } from '../store/draft.ts'
import { patientType } from '../store/person/people.ts'
import { readEntry } from './entries.ts'
import { resolvePerson } from './open-person.ts'
import type { WrittenEntry } from './written-entries.ts'

/** Element that names who made it, by type; true when it repeats. Types without a row cannot be added on a page. */
const authorElements: Readonly<
  Record<string, { readonly element: string; readonly list: boolean; readonly subject: string }>
> = {
  AllergyIntolerance: { element: 'recorder', list: false, subject: 'patient' },
  ClinicalImpression: { element: 'assessor', list: false, subject: 'subject' },
  Communication: { element: 'sender', list: false, subject: 'subject' },
  Condition: { element: 'recorder', list: false, subject: 'subject' },
  DocumentReference: { element: 'author', list: true, subject: 'subject' },
  MedicationStatement: { element: 'informationSource', list: false, subject: 'subject' },
  Observation: { element: 'performer', list: true, subject: 'subject' },
}

/** Adds an entry to a person's record. Author, source and subject are the actor's, whatever the draft says. */
export async function addEntry(ctx: Context, personId: string, draft: FhirResource): Promise<WrittenEntry> {
  const { key, person } = await resolvePerson(ctx, personId)
  const names = authorElements[draft.resourceType]
  if (!mayAdd(ctx.actor) || names === undefined) throw problem('not-found', 'There is no such page')
  const patient = await subjectPatient(ctx, key, person.link?.map((link) => link.target.reference ?? '') ?? [])
  const author = authorOf(ctx.actor, patient)
  const id = newId(key)
  const resource = {
    ...draft,
    id,
    [names.subject]: { reference: patient },
    [names.element]: names.list ? [author] : author,
  }
  const checked = draftOf(JSON.stringify(resource), 'The entry')
  const outcome = await ctx.store.writer.write({
    action: 'create',
    type: checked.type,
    rtype: checked.rtype,
    id,
    draft: checked,
    newId: true,
    submission: submissionOf(ctx),
  })
  if (outcome.kind === 'refused') throw outcome.problem
  return readEntry(ctx, person.id ?? personId, checked.type, id)
}

/** The Patient an entry is about: the actor's own organisation's, else the index's most trusted one. */
async function subjectPatient(ctx: Context, key: bigint, links: readonly string[]): Promise<string> {
  const organisation = ctx.actor.kind === 'staff' ? ctx.actor.organisation : ''
  const rows = await ctx.store.database.read(
    sql`select id from res where person = ${key}::int8 and rtype = ${patientType}::int2 and source = ${organisation} order by updated desc limit 1`,
    'own_patient',
  )
  const own = rows[0] === undefined ? undefined : `Patient/${text(rows[0], 'id')}`
  const subject = own ?? links.find((link) => link.startsWith('Patient/'))
  if (subject === undefined) throw problem('rule', 'No organisation holds a record of this person to add to')
  return subject
}

function authorOf(actor: Actor, patient: string): Reference {
  switch (actor.kind) {
    case 'staff':
      return { reference: actor.practitioner, display: actor.name }
    case 'carer':
      return { reference: actor.relatedPerson, display: actor.name }
    case 'person':
      return { reference: patient, display: actor.name }
    case 'system':
      return { display: actor.name }
  }
}
