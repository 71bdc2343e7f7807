import { join, sql } from '../../base/sql.ts'
import { textArray } from '../store/wire.ts'
import type { Group, Member, UnknownGroup } from './code-source.ts'

/** Everything that is in one of two lists of groups. */
export function union(left: readonly Group[], right: readonly Group[]): readonly Group[] {
  const groups = [...left]
  for (const each of right) {
    const at = groups.findIndex((group) => joins(group, each))
    const group = groups[at]
    if (group === undefined) groups.push(each)
    else groups[at] = joined(group, each)
  }
  return groups
}

/** Everything that is in both. */
export function intersection(left: readonly Group[], right: readonly Group[]): readonly Group[] {
  let found: readonly Group[] = []
  for (const a of left)
    for (const b of right) {
      const both = sameSystem(a, b) ? inBoth(a, b) : undefined
      if (both !== undefined) found = union(found, [both])
    }
  return found
}

/** Everything of the first that is not in the second. */
export function difference(left: readonly Group[], right: readonly Group[]): readonly Group[] {
  return left.map((group) => right.reduce((rest, each) => (sameSystem(rest, each) ? without(rest, each) : rest), group))
}

const sameSystem = (a: Group, b: Group): boolean =>
  a.system === b.system ||
  (a.kind === 'unknown' && a.system === undefined) ||
  (b.kind === 'unknown' && b.system === undefined)

const joins = (a: Group, b: Group): boolean => {
  if (a.kind !== b.kind || a.system !== b.system) return false
  if (a.kind === 'unknown' || b.kind === 'unknown')
    return a.kind === 'unknown' && b.kind === 'unknown' && a.reason === b.reason
  return a.version === b.version
}

function joined(a: Group, b: Group): Group {
  if (a.kind === 'listed' && b.kind === 'listed')
    return {
      ...a,
      members: new Map([
        ...overriding(a.members, b.members),
        ...[...b.members].filter(([code]) => !a.members.has(code)),
      ]),
    }
  if (a.kind === 'stored' && b.kind === 'stored')
    return {
      ...a,
      condition: sql`(${a.condition} or ${b.condition})`,
      displays: new Map([...b.displays, ...a.displays]),
    }
  if (a.kind === 'grammar' && b.kind === 'grammar') return { ...a, test: (code) => a.test(code) || b.test(code) }
  return a
}

/** The members of the first, with a display of the second where they have none. */
const overriding = (a: ReadonlyMap<string, Member>, b: ReadonlyMap<string, Member>): readonly [string, Member][] =>
  [...a].map(([code, member]) => [code, member.display === undefined ? (b.get(code) ?? member) : member])

const unknown = (system: string | undefined, reason: string): UnknownGroup => ({ kind: 'unknown', system, reason })

function inBoth(a: Group, b: Group): Group | undefined {
  if (a.kind === 'unknown') return unknown(b.system ?? a.system, a.reason)
  if (b.kind === 'unknown') return unknown(a.system, b.reason)
  if (a.kind === 'listed' && b.kind === 'listed') return kept(a, (code) => b.members.has(code))
  if (a.kind === 'listed' && b.kind === 'grammar') return kept(a, b.test)
  if (a.kind === 'grammar' && b.kind === 'listed') return kept(b, a.test)
  if (a.kind === 'grammar' && b.kind === 'grammar') return { ...a, test: (code) => a.test(code) && b.test(code) }
  if (a.kind === 'stored' && b.kind === 'stored' && a.source.release === b.source.release)
    return {
      ...a,
      condition: sql`(${a.condition} and ${b.condition})`,
      displays: new Map([...b.displays, ...a.displays]),
    }
  if (a.kind === 'stored' && b.kind === 'listed')
    return { ...a, condition: sql`(${a.condition} and ${codeIn(b.members)})` }
  if (a.kind === 'listed' && b.kind === 'stored')
    return { ...b, condition: sql`(${b.condition} and ${codeIn(a.members)})` }
  return unknown(a.system, `Two versions of ${a.system} cannot be compared`)
}

const kept = (group: Group & { kind: 'listed' }, test: (code: string) => boolean): Group => ({
  ...group,
  members: new Map([...group.members].filter(([code]) => test(code))),
})

/** A condition on a row `c` of `term_concept`: one of these codes. */
export const codeIn = (codes: ReadonlyMap<string, unknown>) =>
  sql`c.code = any(${textArray([...codes.keys()])}::text[])`

function without(a: Group, b: Group): Group {
  if (a.kind === 'unknown') return a
  if (b.kind === 'unknown') return unknown(a.system, b.reason)
  if (a.kind === 'listed' && b.kind === 'listed') return kept(a, (code) => !b.members.has(code))
  if (a.kind === 'listed' && b.kind === 'grammar') return kept(a, (code) => !b.test(code))
  if (a.kind === 'grammar' && b.kind === 'listed') return { ...a, test: (code) => a.test(code) && !b.members.has(code) }
  if (a.kind === 'grammar' && b.kind === 'grammar') return { ...a, test: (code) => a.test(code) && !b.test(code) }
  if (a.kind === 'stored' && b.kind === 'listed')
    return { ...a, condition: sql`(${a.condition} and not ${codeIn(b.members)})` }
  if (a.kind === 'stored' && b.kind === 'stored' && a.source.release === b.source.release)
    return { ...a, condition: join([a.condition, sql`not (${b.condition})`], ' and ') }
  return unknown(a.system, `Two versions of ${a.system} cannot be compared`)
}
