import { problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import { normaliseNhsNumber } from '../../fhir/nhs-number.ts'
import type { Returned } from '../../rest/parameters.ts'
import { indexSystem } from '../../store/person/index-rows.ts'
import type { PlaceCount } from './places.ts'
import type { Target } from './targets.ts'

/** What an erasure found, did and proved, in figures: nothing in it says whose record it was. */
export interface Erasure {
  readonly reason: string
  readonly byType: ReadonlyMap<string, number>
  readonly before: readonly PlaceCount[]
  readonly after: readonly PlaceCount[]
}

/** How many resources of each type. */
export function countByType(targets: readonly Target[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { type } of targets) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}

/** What an erasure does not reach, and why; part of every plan and certificate. */
const policies: readonly string[] = [
  'Audit rows are kept: who did what to which id, and when. They hold no content of resources.',
  'The change feed is kept: it names the ids that were deleted, so that everyone who follows it can delete too. It holds no content.',
  'Files of exports made before, and copies that others hold, are not reached. Exports end when their job is deleted or expires.',
  'Resources of other people that refer to what was erased keep their reference.',
]

/** A reason is kept for good, so it must not say whose record it was. */
export function safeReason(reason: string): string {
  for (const [digits] of reason.matchAll(/\d[\d -]{8,14}\d/g))
    if (normaliseNhsNumber(digits) !== undefined)
      throw problem('invalid', 'The reason is kept for good: it must not hold an NHS number', { expression: 'reason' })
  if (reason.trim().length < leastReason)
    throw problem('invalid', `The reason has at least ${leastReason} characters`, { expression: 'reason' })
  return reason.trim()
}

const leastReason = 10

const site = 'https://linchpin.example/fhir/StructureDefinition'

/** The certificate as a resource that is stored with the erasure or not at all. */
export function certificateOf(ctx: Context, id: string, erasure: Erasure): object {
  const count = (name: string, rows: number) => ({
    url: 'count',
    extension: [
      { url: 'of', valueString: name },
      { url: 'number', valueUnsignedInt: rows },
    ],
  })
  const group = (url: string, counts: readonly object[]) => (counts.length === 0 ? [] : [{ url, extension: counts }])
  const places = (all: readonly PlaceCount[]) => all.map(({ place, rows }) => count(place, rows))
  return {
    resourceType: 'Basic',
    id,
    extension: [
      {
        url: `${site}/erasure`,
        extension: [
          { url: 'reason', valueString: erasure.reason },
          { url: 'erasedBy', valueString: ctx.actor.name },
          { url: 'erasedAt', valueInstant: ctx.clock.now().toString({ smallestUnit: 'millisecond' }) },
          ...group(
            'resources',
            [...erasure.byType].map(([type, rows]) => count(type, rows)),
          ),
          ...group('before', places(erasure.before)),
          ...group('after', places(erasure.after)),
          ...policies.map((policy) => ({ url: 'policy', valueString: policy })),
        ],
      },
    ],
    code: { coding: [{ system: indexSystem, code: 'erasure-certificate' }], text: 'Certificate of erasure' },
    created: ctx.clock.now().toString().slice(0, 10),
  }
}

/** The same in the answer. */
export const returnedCounts = (erasure: Omit<Erasure, 'after'>, after?: readonly PlaceCount[]): readonly Returned[] => [
  { name: 'reason', valueString: erasure.reason },
  ...[...erasure.byType].map(([type, rows]) => counted('resources', type, rows)),
  ...erasure.before.map(({ place, rows }) => counted('before', place, rows)),
  ...(after ?? []).map(({ place, rows }) => counted('after', place, rows)),
  ...policies.map((valueString) => ({ name: 'policy', valueString })),
]

const counted = (name: string, of: string, rows: number): Returned => ({
  name,
  part: [
    { name: 'of', valueString: of },
    { name: 'number', valueInteger: rows },
  ],
})
