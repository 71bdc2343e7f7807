import { randomUUID } from 'node:crypto'
import { capabilities, records } from '../../src/apps/server.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Problem } from '../../src/base/problem.ts'
import { sql } from '../../src/base/sql.ts'
import type { Actor, StaffRole } from '../../src/kernel/access/actor.ts'
import type { Session } from '../../src/kernel/access/sessions.ts'
import { listReviews } from '../../src/kernel/record/reviews.ts'
import type { PageAnswer, PageRequest } from '../../src/platform/page.ts'
import { type Route, routesOf } from '../../src/platform/routes.ts'
import { emptyPerson, fullPerson, lookalike, organisations, practitioner, transactionOf } from './made-up-record.ts'
import { type TestStore, testStore } from './store.ts'

/** What a page answered, or the kind of problem it ended with. */
export type Asked = PageAnswer | { readonly kind: 'problem'; readonly problem: string }

/** All pages on a real store with a full person, an empty person and one review. */
export interface PageWorld {
  readonly store: TestStore
  readonly routes: readonly Route[]
  /** Ids of the golden Persons. */
  readonly full: string
  readonly empty: string
  readonly review: string
  ask(actor: Actor, method: 'GET' | 'POST', url: string, form?: Readonly<Record<string, string>>): Promise<Asked>
  close(): Promise<void>
}

/** A member of staff of the made-up organisation where that role works. */
export const staff = (role: StaffRole): Actor => ({
  kind: 'staff',
  id: role,
  name: 'Sam Patel',
  role,
  organisation: role === 'care-home-worker' ? 'VL001' : role === 'hospital-nurse' ? 'RXX01' : 'A81001',
  organisationName: role === 'hospital-nurse' ? 'City Hospital' : 'Park Surgery',
  practitioner: 'Practitioner/sam',
})

export const person = (id: string): Actor => ({ kind: 'person', id: 'self', name: 'Siobhan O’Reilly', person: id })

export const carer = (id: string): Actor => ({
  kind: 'carer',
  id: 'daughter',
  name: 'Margaret Hill',
  relatedPerson: 'RelatedPerson/daughter',
  relationship: 'daughter',
  person: id,
  personName: 'Siobhan O’Reilly',
})

const session: Session = { csrfToken: 'token', confirmedPeople: [] }

export async function pageWorld(): Promise<PageWorld> {
  const store = await testStore()
  try {
    return await fill(store)
  } catch (error) {
    // Left open, it would keep the test process from ending.
    await store.close()
    throw error
  }
}

async function fill(store: TestStore): Promise<PageWorld> {
  for (const resources of [[...organisations, practitioner], fullPerson, emptyPerson, [lookalike]]) {
    const sent = await store.fhir('POST', '', transactionOf(resources))
    if (sent.status !== 200) throw new Error(sent.text)
  }
  const routes = routesOf(capabilities)
  const { reviews } = await listReviews(store.contextOf(staff('index-officer')), 'open')
  return {
    store,
    routes,
    full: await goldenId(store, 'full-A81001'),
    empty: await goldenId(store, 'empty-A81001'),
    review: reviews[0]?.id ?? '',
    ask: (actor, method, url, form = {}) => ask(store, routes, actor, method, url, form),
    close: () => store.close(),
  }
}

async function goldenId(store: TestStore, patient: string): Promise<string> {
  const key = await store.personOf('Patient', patient)
  const rows = await store.store.database.read(
    sql`select body from res where person = ${key}::int8 and body like '{"resourceType":"Person"%'`,
  )
  const body = rows[0]?.['body']
  const found: { id: string } = JSON.parse(String(body))
  return found.id
}

async function ask(
  store: TestStore,
  routes: readonly Route[],
  actor: Actor,
  method: 'GET' | 'POST',
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Asked> {
  const [path = '', search = ''] = url.split('?')
  const matched = routes.flatMap((route) => {
    const params = route.method === method ? paramsOf(route.pattern, path) : undefined
    return params === undefined ? [] : [{ route, params }]
  })
  const [first] = matched.toSorted((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)
  if (first === undefined) return { kind: 'problem', problem: 'not-found' }
  const body = new URLSearchParams({ csrf: session.csrfToken, ...form })
  const request: PageRequest = { url, params: first.params, query: new URLSearchParams(search), form: body, session }
  try {
    if (first.route.access === 'public')
      return first.route.handle({ requestId: randomUUID(), clock: systemClock, personas: [], actor }, request)
    return await first.route.handle({ ...store.contextOf(actor), records }, request)
  } catch (error) {
    if (error instanceof Problem) return { kind: 'problem', problem: error.kind }
    throw error
  }
}

function paramsOf(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return undefined
  }
  return params
}
