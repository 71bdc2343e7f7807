import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import type { Membership } from '../codes/membership.ts'
import { targetType } from '../reference-target.ts'
import type { ReferenceCheck } from './compiled.ts'
import { type Item, pathOf } from './place.ts'

/** What checking references may ask. */
export interface ReferenceContext {
  /** The value a reference leads to, if it is at hand: contained, or in the same Bundle. */
  readonly resolveItem: (reference: string, from: Item) => Item | undefined
  readonly memberOf: (value: unknown, valueSet: string) => Membership
  /** Runs a check once for one question; undefined while that question is being answered already. */
  readonly once: <T>(question: string, answer: () => T) => T | undefined
  readonly root: unknown
  /** What a profile is a profile of. */
  readonly typeOfProfile: (canonical: string) => string | undefined
}

/** Checks what a reference leads to: its type, its profile, and whether it may lie there. */
export function checkReference(
  check: ReferenceCheck,
  item: Item,
  context: ReferenceContext,
  conforms: (target: Item, canonical: string) => Membership,
): readonly Issue[] {
  if (!isObject(item.value)) return []
  const { reference } = item.value
  const expression = pathOf(item.place)
  const issue = (rule: string, message: string, severity: Issue['severity'] = 'error'): Issue => ({
    severity,
    code: severity === 'information' ? 'incomplete' : 'structure',
    rule,
    message,
    expression,
  })
  const target = typeof reference === 'string' ? context.resolveItem(reference, item) : undefined
  const issues: Issue[] = []
  if (typeof reference === 'string' && check.aggregation.size > 0) {
    const place = reference.startsWith('#') ? 'contained' : target === undefined ? 'referenced' : 'bundled'
    const fine = check.aggregation.has(place) || (place === 'bundled' && check.aggregation.has('referenced'))
    if (!fine)
      issues.push(
        issue(
          'reference-aggregation',
          `What this refers to must be ${[...check.aggregation].join(' or ')}, and is ${place}`,
        ),
      )
  }
  const type = target?.type ?? targetType(item.value, context.root)
  const types = check.types.size > 0 ? check.types : profileTypes(check, context)
  if (type !== undefined && types !== undefined && types.size > 0 && !types.has(type) && !types.has('Resource'))
    return [
      ...issues,
      issue('reference-target', `A reference here leads to ${[...types].join(', ')}, not to a ${type}`),
    ]
  if (check.profiles.length === 0 || target === undefined) return issues
  const answers = check.profiles.map((canonical) => conforms(target, canonical))
  if (answers.includes(true)) return issues
  if (answers.includes(undefined))
    return [
      ...issues,
      issue(
        'not-checked-profile',
        `Not checked: whether ${typeof reference === 'string' ? reference : 'this'} meets ${check.profiles.join(' or ')}`,
        'information',
      ),
    ]
  return [
    ...issues,
    issue(
      'reference-profile',
      `${typeof reference === 'string' ? reference : 'This'} meets none of the profiles ${check.profiles.join(', ')}`,
    ),
  ]
}

/** The types of the profiles that a target may meet; undefined when one of them is not here. */
function profileTypes({ profiles }: ReferenceCheck, context: ReferenceContext): ReadonlySet<string> | undefined {
  const found = profiles.map((canonical) => context.typeOfProfile(canonical))
  const known = found.filter((each) => each !== undefined)
  return known.length === found.length ? new Set(known) : undefined
}
