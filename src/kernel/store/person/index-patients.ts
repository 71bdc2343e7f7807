import { randomUUID } from 'node:crypto'
import type { Patient } from 'fhir/r4.js'
import { hash64 } from '../../../base/hash.ts'
import { personKey } from '../../../base/id.ts'
import { sql } from '../../../base/sql.ts'
import { key64, text } from '../current.ts'
import type { Connection } from '../database.ts'
import type { Placement } from '../homing.ts'
import { type CurrentRow, nameOf, type OpenReview, type Operation } from '../operation.ts'
import { followers, type Move } from '../rehome.ts'
import { int8Array, textArray } from '../wire.ts'
import type { PlannedRow } from '../write-plan.ts'
import { type Decided, decideLink } from './decide-link.ts'
import { goldenRow, reviewRow } from './index-rows.ts'
import type { Demographics } from './linkage.ts'
import { lockPeople, memberOf, newPerson, type PersonState, patientOf, patientsEver, patientType } from './people.ts'
import { demographics, matchKeys } from './rules.ts'
import { sourceOfPatients } from './source.ts'

/** What the person index adds to a commit. */
export interface IndexResult {
  /** Whose each Patient of the commit is. */
  readonly placements: ReadonlyMap<string, Placement>
  /** Golden Persons and review tasks to write beside the caller's rows. */
  readonly extra: readonly PlannedRow[]
  readonly addedKeys: readonly { readonly key: bigint; readonly person: bigint; readonly patient: string }[]
  /** Patients whose keys of before no longer count. */
  readonly clearedPatients: readonly string[]
  readonly moves: readonly Move[]
  /** Patients put before a human, by name. */
  readonly reviews: ReadonlyMap<string, OpenReview>
}

const nothing: IndexResult = {
  placements: new Map(),
  extra: [],
  addedKeys: [],
  clearedPatients: [],
  moves: [],
  reviews: new Map(),
}

/** At most this many people are compared with one incoming record; more share only a common name and birthday. */
export const candidateLimit = 200

/** The keys under which a Patient is found again. Locked by whoever writes a Patient that has them. */
export const keysOfPatient = (found: Demographics): readonly bigint[] =>
  matchKeys(found).map((key) => hash64(`${key.kind}|${key.text}`))

/** Names to lock so that two records of one person are not indexed at the same moment. */
export function matchLocks(operation: Operation): readonly string[] {
  if (operation.rtype !== patientType || operation.draft === undefined) return []
  return keysOfPatient(demographics(decodePatient(operation))).map((key) => `match ${key}`)
}

/** A Patient operation with what the index needs to know of it. */
interface Incoming {
  readonly operation: Operation
  readonly patient: Patient
  readonly demographics: Demographics
  readonly keys: readonly bigint[]
  readonly current: CurrentRow | undefined
  /** Key of the person it was of when it was deleted: what is about it lies there still. */
  readonly former: bigint | undefined
}

const decodePatient = (operation: Operation): Patient => (operation.draft?.resource ?? {}) as unknown as Patient

/** Links every Patient of a commit to a person (lifelong-record rules 1 to 5). The key locks are held already. */
export async function indexPatients(
  connection: Connection,
  operations: readonly Operation[],
  stored: Stored,
  nowMs: number,
): Promise<IndexResult> {
  const patients = operations.filter((operation) => operation.rtype === patientType)
  if (patients.length === 0) return nothing
  const formers = await formerPersons(connection, patients, stored)
  const incoming = patients.map((operation) =>
    incomingOf(operation, stored.current.get(nameOf('Patient', operation.id)), formers.get(operation.id)),
  )
  const keys = [...new Set(incoming.flatMap((each) => each.keys))]
  const held = incoming.flatMap((each) => each.current?.person ?? each.former ?? [])
  const { people, byKey } = await candidatePeople(connection, keys, held)
  const sources = await sourceOfPatients(connection, operations, patients)
  const index = new Index(people, byKey, nowMs)
  for (const each of incoming) index.take(each, sources.get(each.operation.id) ?? '')
  return index.result(connection)
}

interface Stored {
  readonly current: ReadonlyMap<string, CurrentRow>
  readonly lastVersions: ReadonlyMap<string, number>
}

/** Whose those Patients were that were deleted and come again. */
async function formerPersons(
  connection: Connection,
  patients: readonly Operation[],
  { current, lastVersions }: Stored,
): Promise<ReadonlyMap<string, bigint>> {
  const gone = patients
    .map(({ id }) => id)
    .filter((id) => !current.has(nameOf('Patient', id)) && lastVersions.has(nameOf('Patient', id)))
  if (gone.length === 0) return new Map()
  const rows = await connection.query(
    sql`select distinct on (id) id, person from res_hist
        where rtype = ${patientType}::int2 and id = any(${textArray(gone)}::text[]) order by id, ver desc`,
  )
  return new Map(rows.map((row) => [text(row, 'id'), key64(row, 'person')]))
}

function incomingOf(operation: Operation, current: CurrentRow | undefined, former: bigint | undefined): Incoming {
  const patient = decodePatient(operation)
  const found = demographics(patient)
  return {
    operation,
    patient,
    demographics: found,
    keys: operation.action === 'delete' ? [] : keysOfPatient(found),
    current,
    former,
  }
}

interface People {
  readonly people: Map<bigint, PersonState>
  readonly byKey: Map<bigint, Set<bigint>>
}

async function candidatePeople(
  connection: Connection,
  keys: readonly bigint[],
  held: readonly bigint[],
): Promise<People> {
  const rows = await connection.query(
    sql`select distinct k.key, m.person from unnest(${int8Array(keys)}::int8[]) k(key),
        lateral (select person from match_key where match_key.key = k.key limit ${candidateLimit}) m`,
    'candidates',
  )
  const byKey = new Map<bigint, Set<bigint>>()
  for (const row of rows) addTo(byKey, key64(row, 'key'), key64(row, 'person'))
  const wanted = new Set([...held, ...rows.map((row) => key64(row, 'person'))])
  return { people: await lockPeople(connection, [...wanted]), byKey }
}

function addTo(map: Map<bigint, Set<bigint>>, key: bigint, value: bigint): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}

/** The index at work: people change as one Patient after another is taken in. */
class Index {
  readonly #people: Map<bigint, PersonState>
  readonly #byKey: Map<bigint, Set<bigint>>
  readonly #nowMs: number
  readonly #placements = new Map<string, Placement>()
  readonly #added: { key: bigint; person: bigint; patient: string }[] = []
  readonly #cleared: string[] = []
  readonly #reviewRows: PlannedRow[] = []
  readonly #reviews = new Map<string, OpenReview>()
  readonly #moved: { from: PersonState; to: PersonState; patient: string }[] = []

  constructor(people: Map<bigint, PersonState>, byKey: Map<bigint, Set<bigint>>, nowMs: number) {
    this.#people = people
    this.#byKey = byKey
    this.#nowMs = nowMs
  }

  take(incoming: Incoming, source: string): void {
    const { operation, current } = incoming
    const own = current === undefined ? undefined : this.#people.get(current.person)
    if (operation.action === 'delete') {
      this.#cleared.push(operation.id)
      if (own !== undefined) {
        own.members.delete(operation.id)
        own.changed = true
      }
      return
    }
    const target = this.#personFor(incoming, own)
    target.members.set(operation.id, memberOf(operation.id, incoming.patient, this.#nowMs))
    target.changed = true
    this.#placements.set(nameOf('Patient', operation.id), { person: target.key, source })
    if (current !== undefined) this.#cleared.push(operation.id)
    for (const key of incoming.keys) {
      addTo(this.#byKey, key, target.key)
      this.#added.push({ key, person: target.key, patient: operation.id })
    }
  }

  #personFor(incoming: Incoming, own: PersonState | undefined): PersonState {
    if (own !== undefined && sameKeys(incoming)) return own
    const candidates = this.#candidates(incoming)
    const decided = decideLink(incoming.demographics, incoming.operation.id, own, candidates)
    const home = this.#settle(incoming, own, decided)
    const former = incoming.former === undefined ? undefined : this.#people.get(incoming.former)
    if (former !== undefined && former !== home)
      this.#moved.push({ from: former, to: home, patient: incoming.operation.id })
    if (home !== decided.link || home === own) home.quarantined = decided.kind === 'conflict'
    for (const person of decided.reviewWith) {
      const review = { ...decided, with: person, patient: incoming.operation.id, home, nowMs: this.#nowMs }
      this.#reviewRows.push(reviewRow(review))
      this.#reviews.set(nameOf('Patient', incoming.operation.id), { kind: decided.kind, because: decided.because })
    }
    return home
  }

  #candidates(incoming: Incoming): PersonState[] {
    const keys = new Set(incoming.keys.flatMap((key) => [...(this.#byKey.get(key) ?? [])]))
    return [...keys].flatMap((key) => {
      const person = this.#people.get(key)
      return person === undefined || person.replacedBy !== undefined ? [] : [person]
    })
  }

  #settle(incoming: Incoming, own: PersonState | undefined, decided: Decided): PersonState {
    if (decided.link !== undefined && decided.link !== own) {
      if (own !== undefined) this.#move(own, decided.link, incoming.operation.id)
      return decided.link
    }
    if (own !== undefined) return own
    const former = incoming.former === undefined ? undefined : this.#people.get(incoming.former)
    if (former?.members.size === 0 && former.replacedBy === undefined) return former
    const hint = incoming.operation.personHint
    // A hint is good for one person only: two Patients of one transaction may be two people.
    const free = hint !== undefined && !this.#people.has(personKey(hint))
    const person = newPerson(free ? hint : randomUUID())
    this.#people.set(person.key, person)
    return person
  }

  /** The only Patient of `from` turns out to be of `to`. */
  #move(from: PersonState, to: PersonState, patient: string): void {
    from.members.delete(patient)
    from.replacedBy = to.id
    from.changed = true
    to.replaces.push(from.id)
    this.#moved.push({ from, to, patient })
  }

  async result(connection: Connection): Promise<IndexResult> {
    const golden = [...this.#people.values()]
      .filter((person) => person.changed)
      .flatMap((person) => goldenRow(person, this.#nowMs))
    const moves: Move[] = []
    for (const { from, to, patient } of this.#moved) {
      // Of someone who is no more, everything goes along.
      const patients =
        from.replacedBy === undefined ? [patient] : [patient, ...(await patientsEver(connection, from.key))]
      const rows = await followers(
        connection,
        from.key,
        patients.map((id) => nameOf('Patient', id)),
      )
      moves.push({ from: from.key, to: to.key, rows })
    }
    return {
      placements: this.#placements,
      extra: [...golden, ...this.#reviewRows],
      addedKeys: this.#added,
      clearedPatients: this.#cleared,
      moves,
      reviews: this.#reviews,
    }
  }
}

/** Whether nothing the index looks at has changed since the version before. */
function sameKeys(incoming: Incoming): boolean {
  if (incoming.current === undefined) return false
  const before = new Set(keysOfPatient(demographics(patientOf(incoming.current.body))))
  return before.size === incoming.keys.length && incoming.keys.every((key) => before.has(key))
}
