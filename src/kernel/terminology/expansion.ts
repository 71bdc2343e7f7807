import type { ValueSet } from 'fhir/r4.js'
import { problem } from '../../base/problem.ts'
import type { Group, Member } from './code-source.ts'
import { type Concept, reachable } from './concept.ts'
import { mostCodes, mostOnPage, tooCostly } from './limits.ts'
import { listedEntry, type Shown } from './listed-entry.ts'
import type { ReleaseCodes } from './release-codes.ts'
import { betterFirst, type Rank, rankOf, tiers, type Wanted, wantedBy } from './words.ts'

/** What a caller wants of an expansion. */
export interface ExpansionWish extends Shown {
  readonly filter: string | undefined
  readonly offset: number
  /** All, when absent: refused if that is too much. */
  readonly count: number | undefined
  readonly activeOnly: boolean
  /** Codes below others lie inside them. */
  readonly nested: boolean
  /** Leaves out codes that only group others. */
  readonly selectableOnly: boolean
  readonly excludedSystems: ReadonlySet<string>
}

/** One code of an expansion, as FHIR has it. */
export type Contains = NonNullable<NonNullable<ValueSet['expansion']>['contains']>[number]

/** A page of an expansion, and how much there is in all. */
export interface Expanded {
  readonly total: number
  readonly contains: readonly Contains[]
}

type ListedGroup = Group & { readonly kind: 'listed' }
type StoredGroup = Group & { readonly kind: 'stored' }

/** Lists what groups hold. Refuses what cannot be listed or is too much; never leaves part of it out. */
export async function expand(groups: readonly Group[], wish: ExpansionWish, releases: ReleaseCodes): Promise<Expanded> {
  const wanted = wish.filter === undefined ? undefined : wantedBy(wish.filter)
  if (wanted !== undefined && wanted.words.length === 0 && wanted.code !== '') return { total: 0, contains: [] }
  if ((wish.count ?? 0) > mostOnPage) throw tooCostly(`A page holds at most ${mostOnPage} codes`)
  const all = listable(groups.filter((group) => !wish.excludedSystems.has(group.system ?? '')))
  return wanted === undefined || wanted.words.length === 0
    ? inOrder(all, wish, releases)
    : found(all, wanted, wish, releases)
}

function listable(groups: readonly Group[]): readonly (ListedGroup | StoredGroup)[] {
  return groups.map((group) => {
    if (group.kind === 'unknown') {
      const message = `${group.reason}, so this value set cannot be expanded`
      throw problem('rule', message, { issues: [{ severity: 'error', code: 'not-found', message }] })
    }
    if (group.kind === 'grammar')
      throw tooCostly(`${group.source.name} is a grammar with endlessly many codes: they cannot be listed`)
    return group
  })
}

/** The members of a group in memory that the caller wants. */
function wantedMembers(group: ListedGroup, wish: ExpansionWish): readonly Member[] {
  const members = [...group.members.values()]
  if (!wish.activeOnly && !wish.selectableOnly) return members
  return members.filter(({ code }) => {
    const concept = conceptIn(group, code)
    return !(wish.activeOnly && concept?.inactive === true) && !(wish.selectableOnly && concept?.abstract === true)
  })
}

const conceptIn = ({ source }: ListedGroup, code: string): Concept | undefined =>
  source?.kind === 'listed' ? source.concepts.get(code) : undefined

/** Everything, group after group. */
async function inOrder(
  groups: readonly (ListedGroup | StoredGroup)[],
  wish: ExpansionWish,
  releases: ReleaseCodes,
): Promise<Expanded> {
  const parts = await Promise.all(
    groups.map(async (group) => {
      if (group.kind === 'stored') return { group, size: await releases.count(group, wish), members: [] }
      const members = wantedMembers(group, wish)
      return { group, size: members.length, members }
    }),
  )
  const total = parts.reduce((sum, { size }) => sum + size, 0)
  const count = pageOf(total, wish)
  const contains: Contains[] = []
  let skip = wish.offset
  for (const { group, size, members } of parts) {
    const left = count - contains.length
    if (skip < size && left > 0) {
      if (group.kind === 'stored') contains.push(...(await releases.page(group, wish, skip, left)))
      else for (const member of members.slice(skip, skip + left)) contains.push(entryOf(group, member, wish))
    }
    skip = Math.max(0, skip - size)
  }
  const nested = wish.nested && wish.offset === 0 && contains.length === total
  return { total, contains: nested ? nest(contains, groups) : contains }
}

/** How many codes go on the page; a whole that is too large is refused. */
function pageOf(total: number, wish: ExpansionWish): number {
  if (wish.count !== undefined) return wish.count
  if (total - wish.offset > mostCodes)
    throw tooCostly(`This value set has ${total} codes, more than ${mostCodes}: ask for a page with offset and count`)
  return total
}

const entryOf = (group: ListedGroup, member: Member, wish: ExpansionWish): Contains =>
  listedEntry(group, member, conceptIn(group, member.code), wish)

/** What matches the filter, the best first. */
async function found(
  groups: readonly (ListedGroup | StoredGroup)[],
  wanted: Wanted,
  wish: ExpansionWish,
  releases: ReleaseCodes,
): Promise<Expanded> {
  const matches: { readonly rank: Rank; readonly entry: () => Contains }[] = []
  let total = 0
  for (const group of groups)
    if (group.kind === 'stored') {
      const most = wish.offset + (wish.count ?? mostCodes)
      const stored = await releases.search(group, wanted, wish, most)
      total += stored.total
      if (wish.count === undefined && stored.total > mostCodes) pageOf(stored.total, { ...wish, offset: 0 })
      for (const { rank, entry } of stored.found) matches.push({ rank, entry: () => entry })
    } else
      for (const member of wantedMembers(group, wish)) {
        const rank = bestRank(group, member, wanted)
        if (rank === undefined) continue
        total += 1
        matches.push({ rank, entry: () => entryOf(group, member, wish) })
      }
  const count = pageOf(total, wish)
  // A stable sort: what ranks equally stays in the order of the value set.
  const page = matches.toSorted((a, b) => betterFirst(a.rank, b.rank)).slice(wish.offset, wish.offset + count)
  return { total, contains: page.map(({ entry }) => entry()) }
}

function bestRank(group: ListedGroup, member: Member, wanted: Wanted): Rank | undefined {
  const concept = conceptIn(group, member.code)
  if (member.code.toLowerCase() === wanted.code.toLowerCase())
    return { tier: tiers.code, length: member.code.length, text: member.code }
  const preferred = [member.display, concept?.display].filter((each) => each !== undefined)
  const ranks = [
    ...preferred.map((term) => rankOf(term, true, wanted)),
    ...(concept?.designations ?? []).map(({ value }) => rankOf(value, false, wanted)),
    rankOf(member.code, false, wanted),
  ].filter((each) => each !== undefined)
  return ranks.toSorted(betterFirst)[0]
}

/** Puts codes inside the nearest code above them that is on the list. A code below two lies inside the first. */
function nest(contains: readonly Contains[], groups: readonly (ListedGroup | StoredGroup)[]): readonly Contains[] {
  const keys = new Set(contains.map(keyOf))
  const inside = new Map<string, Contains[]>()
  const tops: Contains[] = []
  for (const entry of contains) {
    const above = nearestAbove(entry, groups, keys)
    if (above === undefined) tops.push(entry)
    else inside.set(above, [...(inside.get(above) ?? []), entry])
  }
  const whole = (entry: Contains): Contains => {
    const below = inside.get(keyOf(entry)) ?? []
    return below.length === 0 ? entry : { ...entry, contains: below.map(whole) }
  }
  return tops.map(whole)
}

const keyOf = ({ system, code }: Contains): string => `${system}|${code}`

function nearestAbove(
  { system, code }: Contains,
  groups: readonly (ListedGroup | StoredGroup)[],
  among: ReadonlySet<string>,
): string | undefined {
  const group = groups.find((each): each is ListedGroup => each.kind === 'listed' && each.system === system)
  const concept = group === undefined ? undefined : conceptIn(group, code ?? '')
  if (concept === undefined) return undefined
  for (const above of reachable(concept, 'parents')) {
    // In a circle nothing is above: all of it stays on the outermost level.
    if (above === concept || reachable(above, 'parents').has(concept)) continue
    if (among.has(`${system}|${above.code}`)) return `${system}|${above.code}`
  }
  return undefined
}
