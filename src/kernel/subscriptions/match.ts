import { Problem } from '../../base/problem.ts'
import type { FeedEvent } from '../feed/feed.ts'
import type { Connection } from '../store/database.ts'
import type { SubscriptionSpec } from './spec.ts'
import type { Topic, Trigger } from './topics.ts'
import { readBodies, type VersionSearch } from './versions.ts'

/** A subscription as far as matching needs it. */
export interface Watcher {
  readonly id: string
  readonly spec: SubscriptionSpec
  readonly topic?: Topic
  /** Nothing up to this place in the feed concerns it. */
  readonly start: bigint
}

/** Which events each subscription is to be told of, in the order of the feed; and which could not be matched at all. */
export interface Matched {
  readonly events: readonly { readonly subscription: string; readonly event: FeedEvent }[]
  readonly failed: ReadonlyMap<string, Problem>
}

type Side = 'current' | 'previous'

/** Judges events by the versions they made and the ones they replaced. No resource occurs twice in `events`. */
export async function matchRound(
  store: Pick<Connection, 'query'>,
  search: VersionSearch,
  watchers: readonly Watcher[],
  events: readonly FeedEvent[],
): Promise<Matched> {
  const wanted = events.filter((event) => watchers.some((watcher) => concernsAny(watcher, event)))
  const failed = new Map<string, Problem>()
  if (wanted.length === 0) return { events: [], failed }
  const found = new Map<string, ReadonlySet<string>>()
  for (const side of ['current', 'previous'] as const) {
    await load(store, search, wanted, side)
    for (const watcher of watchers)
      for (const { type, query } of searchesOf(watcher, side))
        try {
          const key = `${side} ${type}?${query}`
          if (!found.has(key)) found.set(key, await search.matching(type, query))
        } catch (error) {
          // A search that cannot be done is its subscription's own fault; anything else is ours, and tried again.
          if (!(error instanceof Problem) || error.kind === 'unavailable') throw error
          failed.set(watcher.id, error)
        }
  }
  const told = wanted.flatMap((event) =>
    watchers
      .filter((watcher) => !failed.has(watcher.id) && tells(watcher, event, found))
      .map(({ id }) => ({ subscription: id, event })),
  )
  return { events: told, failed }
}

/** What R4's own criteria mean: a resource was created or updated, and now matches. */
const triggersOf = ({ spec, topic }: Watcher): readonly Trigger[] =>
  topic?.triggers ??
  spec.filters.map(({ type, query }) => ({
    types: [type],
    changes: ['create', 'update'],
    current: query,
    both: false,
    whenCreated: true,
    whenDeleted: false,
  }))

const concerns = (trigger: Trigger, event: FeedEvent): boolean =>
  trigger.changes.some((change) => change === event.change) && trigger.types?.includes(event.type) !== false

function concernsAny(watcher: Watcher, event: FeedEvent): boolean {
  if (event.position <= watcher.start) return false
  const { filters } = watcher.spec
  return (
    (filters.length === 0 || filters.some(({ type }) => type === event.type)) &&
    triggersOf(watcher).some((trigger) => concerns(trigger, event))
  )
}

/** The searches that must be done among new or replaced versions to judge for a subscription. */
function searchesOf(watcher: Watcher, side: Side): readonly { readonly type: string; readonly query: string }[] {
  const own = triggersOf(watcher).flatMap((trigger) => {
    const query = trigger[side]
    return query === undefined ? [] : (trigger.types ?? []).map((type) => ({ type, query }))
  })
  return watcher.topic === undefined ? own : [...own, ...watcher.spec.filters]
}

async function load(
  store: Pick<Connection, 'query'>,
  search: VersionSearch,
  events: readonly FeedEvent[],
  side: Side,
): Promise<void> {
  const of = events.filter(({ change }) => change !== (side === 'current' ? 'delete' : 'create'))
  const names = of.map(({ type, id, version }) => ({ type, id, version: side === 'current' ? version : version - 1 }))
  const bodies = await readBodies(store, names)
  await search.load(
    of.flatMap((event, index) => {
      const body = bodies.get(index)
      return body === undefined ? [] : [{ event, body }]
    }),
  )
}

function tells(watcher: Watcher, event: FeedEvent, found: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (!concernsAny(watcher, event)) return false
  const matches = (side: Side, query: string): boolean =>
    found.get(`${side} ${event.type}?${query}`)?.has(`${event.type}/${event.id}`) === true
  // What is gone is judged by what it was.
  const side = event.change === 'delete' ? 'previous' : 'current'
  const filters = watcher.topic === undefined ? [] : watcher.spec.filters.filter(({ type }) => type === event.type)
  if (!filters.every(({ query }) => matches(side, query))) return false
  return triggersOf(watcher).some((trigger) => {
    if (!concerns(trigger, event)) return false
    const verdicts: boolean[] = []
    if (trigger.previous !== undefined)
      verdicts.push(event.change === 'create' ? trigger.whenCreated : matches('previous', trigger.previous))
    if (trigger.current !== undefined)
      verdicts.push(event.change === 'delete' ? trigger.whenDeleted : matches('current', trigger.current))
    return verdicts.length === 0 || (trigger.both ? verdicts.every(Boolean) : verdicts.some(Boolean))
  })
}
