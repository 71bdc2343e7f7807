import { randomUUID } from 'node:crypto'
import { londonZone } from '../base/clock.ts'
import { problem } from '../base/problem.ts'
import type { Actor } from '../kernel/access/actor.ts'
import { Account } from '../kernel/ingest/account.ts'
import { Loader } from '../kernel/ingest/loader.ts'
import { resourcesIn } from '../kernel/ingest/resources.ts'
import { isEmpty, personOfPatient } from '../kernel/record/lookup.ts'
import type { Submission } from '../kernel/store/operation.ts'
import type { Store } from '../kernel/store/store.ts'
import type { Persona } from '../platform/page.ts'
import { fourOrganisations } from '../synth/four-organisations.ts'
import { demoBundles, demoPersonas, type Persona as SynthPersona } from '../synth/journeys/demo.ts'
import { organisation } from '../synth/journeys/places.ts'
import { dayOfDate } from '../synth/london.ts'
import { loadShared } from '../synth/run/load.ts'
import { stateResource } from '../synth/run/state.ts'
import { settingsFor } from '../synth/settings.ts'

/** Seed of the made-up people beside the journeys: the same everywhere, so that people can talk about them. */
const peopleSeed = 1

const today = (store: Store): Temporal.PlainDate => store.clock.now().toZonedDateTimeISO(londonZone).toPlainDate()

/** Months of events that the demo care system has. */
const demoMonths = 24

/**
 * Begins to fill an empty database: the people one can sign in as, and those they meet. Does nothing to any other.
 * Answers how many resources it stored. The care system around them is filled beside the server (`fill-demo.ts`).
 */
export async function seedDemo(store: Store, people: number): Promise<number> {
  if (people === 0 || !(await isEmpty(store.database))) return 0
  const account = new Account()
  for (const { source, bundle } of demoBundles(today(store))) await load(store, account, source, JSON.stringify(bundle))
  for (const { ods, name, setting, patients } of fourOrganisations(peopleSeed).sources) {
    const place = organisation({ id: `made-${ods.toLowerCase()}`, ods, name, setting })
    const entry = [place, ...patients.slice(0, people)].map((resource) => ({ resource }))
    await load(store, account, ods, JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }))
  }
  const [refused] = account.exceptions.filter(({ kind }) => kind === 'refused')
  if (refused !== undefined)
    throw problem('fault', `The demo data does not fit its own rules: ${refused.place}: ${refused.why}`)
  const settings = settingsFor(people, demoMonths, peopleSeed, dayOfDate(today(store)))
  await loadShared(store.database, account, [stateResource(settings, 0)])
  return account.stored
}

async function load(store: Store, account: Account, source: string, bundle: string): Promise<void> {
  const submission: Submission = {
    requestId: randomUUID(),
    actorKind: 'system',
    actor: 'demo-seed',
    actorName: 'Demo data',
    role: 'system',
    organisation: source,
    purpose: 'HOPERAT',
    source,
    author: '',
  }
  const loader = new Loader(store.database, store.clock, submission, account)
  await loader.take(`demo data of ${source}`, resourcesIn(bundle, 'made here'))
  await loader.flush()
  store.feed.nudge()
}

/** The demo people one can sign in as, each led to their golden Person. Those whose data is not there are left out. */
export async function personas(store: Store): Promise<readonly Persona[]> {
  const found = await Promise.all(demoPersonas(today(store)).map((persona) => personaOf(store, persona)))
  return found.filter((persona) => persona !== undefined)
}

async function personaOf(store: Store, persona: SynthPersona): Promise<Persona | undefined> {
  const { id, name, description: task } = persona
  if (persona.kind === 'staff') {
    const { kind, role, organisation, organisationName, practitioner } = persona
    const actor: Actor = { kind, id, name, role, organisation, organisationName, practitioner }
    return { id, actor, place: organisationName, task }
  }
  const person = await personOfPatient(store.database, persona.patient)
  if (person === undefined) return undefined
  if (persona.kind === 'person') return { id, actor: { kind: 'person', id, name, person }, place: 'At home', task }
  const { kind, relatedPerson, relationship, personName } = persona
  const actor: Actor = { kind, id, name, relatedPerson, relationship, person, personName }
  return { id, actor, place: `${relationship} of ${personName}`, task }
}
