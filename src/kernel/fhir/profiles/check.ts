import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { codingFindings } from '../codes/coding.ts'
import type { Codes, Membership } from '../codes/membership.ts'
import type { Environment } from '../fhirpath/environment.ts'
import type { CompiledProfile, ElementCheck, ValueCheck } from './compiled.ts'
import type { SliceContext } from './discriminator.ts'
import { itemsOf } from './items.ts'
import { isEqual, matchesPattern } from './pattern.ts'
import { type Item, type Place, pathOf } from './place.ts'
import { checkReference, type ReferenceContext } from './reference.ts'
import type { Slice, Slicing } from './slicing.ts'
import { limitFaults } from './value-limits.ts'

/** What checking against profiles may ask. */
export interface ProfileContext extends ReferenceContext {
  readonly codes: Codes
  /** A compiled profile; undefined when it is not here. */
  readonly profile: (canonical: string) => CompiledProfile | undefined
  /** The resource an item is in, for its rules. */
  readonly environment: (item: Item) => Environment
  readonly mustSupport: boolean
}

/** Checks one value against one profile. What the R4 type asks is not asked again. */
export function checkProfile(profile: CompiledProfile, item: Item, context: ProfileContext): readonly Issue[] {
  const walk = new ProfileWalk(context, profile)
  walk.root(item)
  return walk.issues
}

/** Whether a value meets a profile: undefined when the profile is not here. */
export function conforms(item: Item, canonical: string, context: ProfileContext): Membership {
  const profile = context.profile(canonical)
  if (profile === undefined) return undefined
  if (profile.type !== item.type && profile.type !== 'Resource' && profile.type !== 'DomainResource') return false
  return context.once(`${canonical} ${pathOf(item.place)}`, () =>
    checkProfile(profile, item, context).every((issue) => issue.severity !== 'error'),
  )
}

class ProfileWalk {
  readonly issues: Issue[] = []
  readonly #context: ProfileContext
  readonly #profile: CompiledProfile
  readonly #slices: SliceContext
  #root: Item | undefined

  constructor(context: ProfileContext, profile: CompiledProfile) {
    this.#context = context
    this.#profile = profile
    this.#slices = {
      resolve: context.resolveItem,
      memberOf: context.memberOf,
      conforms: (item, canonical) => conforms(item, canonical, context),
    }
  }

  root(item: Item): void {
    this.#root = item
    this.#value(this.#profile.check, item)
  }

  #value(check: ValueCheck, item: Item): void {
    if (check.types !== undefined && !check.types.has(item.type) && !this.#typeIsProfiled(check, item))
      return this.#report(
        item.place,
        'structure',
        'profile-type',
        `This must be ${[...check.types].join(' or ')}, not ${item.type}`,
      )
    this.#fixed(check, item)
    if (item.value !== undefined) {
      for (const { rule, message } of limitFaults(check, item)) this.#report(item.place, 'invalid', rule, message)
      this.#binding(check, item)
      if (check.reference !== undefined)
        for (const issue of checkReference(check.reference, item, this.#context, (target, canonical) =>
          conforms(target, canonical, this.#context),
        ))
          this.issues.push(issue)
    } else if (check.mustHaveValue === true)
      this.#report(item.place, 'invalid', 'profile-value', 'This must have a value')
    this.#profiles(check, item)
    for (const each of check.children) this.#element(each, item)
    if (check.rules.length > 0) this.#rules(check, item)
  }

  #typeIsProfiled = (check: ValueCheck, item: Item): boolean =>
    check.types?.has('Resource') === true && isObject(item.value)

  #fixed(check: ValueCheck, item: Item): void {
    const { fixed, pattern } = check
    if (fixed !== undefined && !isEqual(item.value, fixed))
      this.#report(item.place, 'value', 'profile-fixed', `This must be exactly ${shown(fixed)}`)
    if (pattern !== undefined && !matchesPattern(item.value, pattern))
      this.#report(item.place, 'value', 'profile-pattern', `This must have at least ${shown(pattern)}`)
  }

  #binding({ binding }: ValueCheck, item: Item): void {
    if (binding === undefined) return
    const { valueSet } = binding
    const strength = strengthOf(binding.strength)
    if (strength === undefined) return
    for (const { at, ...found } of codingFindings(
      item.value,
      item.type,
      { strength, valueSet },
      this.#context.codes,
      true,
    )) {
      // Whether the codes exist was asked when the structure was checked.
      if (!found.rule.includes('binding')) continue
      this.issues.push({ ...found, expression: at === undefined ? pathOf(item.place) : `${pathOf(item.place)}.${at}` })
    }
  }

  #profiles({ profiles }: ValueCheck, item: Item): void {
    const wanted = profiles.get(item.type) ?? (isResource(item) ? profiles.get('Resource') : undefined)
    if (wanted === undefined) return
    const found = wanted.map((canonical) => ({ canonical, profile: this.#context.profile(canonical) }))
    if (found.some(({ canonical }) => canonical.replace(/^.*\//, '') === item.type)) return
    const missing = found.find(({ profile }) => profile === undefined)
    if (missing !== undefined) {
      if (item.type !== 'Extension')
        this.#report(
          item.place,
          'incomplete',
          'not-checked-profile',
          `Not checked: the profile ${missing.canonical} is not here`,
          'information',
        )
      return
    }
    const key = `${wanted.join(' ')} ${pathOf(item.place)}`
    const results = this.#context.once(key, () => {
      const all = found.flatMap(({ profile }) =>
        profile === undefined ? [] : [checkProfile(profile, item, this.#context)],
      )
      return all.find((issues) => issues.every((issue) => issue.severity !== 'error')) ?? all
    })
    if (results === undefined) return
    const lists = results.flat()
    if (lists.every((issue) => issue.severity !== 'error')) this.issues.push(...lists)
    else if (wanted.length === 1) this.issues.push(...lists)
    else this.#report(item.place, 'structure', 'profile-none', `This meets none of the profiles ${wanted.join(', ')}`)
  }

  #element(check: ElementCheck, parent: Item): void {
    const items = itemsOf(parent, check.accesses)
    const label = check.name.replace('[x]', '')
    if (items.length < check.min) {
      const message = `${label} must occur at least ${times(check.min)} here, by the profile ${this.#profile.name}`
      this.#report(parent.place, 'structure', 'profile-min', message)
    }
    if (items.length > check.max) {
      const message =
        check.max === 0 ? `${label} must not occur here` : `${label} must occur at most ${times(check.max)} here`
      this.#report(parent.place, 'structure', 'profile-max', `${message}, by the profile ${this.#profile.name}`)
    }
    if (check.mustSupport && this.#context.mustSupport && items.length === 0)
      this.#report(
        parent.place,
        'informational',
        'must-support',
        `${label} is an element that the profile ${this.#profile.name} asks systems to support; it is empty here`,
        'information',
      )
    if (check.each !== undefined) for (const item of items) this.#value(check.each, item)
    if (check.slicing !== undefined) this.#slicing(check.slicing, items, parent, label)
  }

  #slicing(slicing: Slicing, items: readonly Item[], parent: Item, label: string): void {
    const counts = new Map<Slice, Item[]>(slicing.slices.map((each) => [each, []]))
    const doubtful = new Set<Slice>()
    let last = -1
    let unmatched = false
    items.forEach((item, index) => {
      const at = slicing.slices.findIndex((each) => each.matches(item, index, this.#slices) === true)
      const slice = slicing.slices[at]
      if (slice === undefined) {
        unmatched = true
        for (const each of slicing.slices) if (each.matches(item, index, this.#slices) === undefined) doubtful.add(each)
        if (slicing.rules === 'closed') this.#unmatched(item, index, slicing, label)
        return
      }
      if (slicing.rules === 'openAtEnd' && unmatched)
        this.#report(
          item.place,
          'structure',
          'slice-order',
          `Values of the slice ${slice.name} must come before all others`,
        )
      if (slicing.ordered && at < last)
        this.#report(
          item.place,
          'structure',
          'slice-order',
          `The slice ${slice.name} must come before ${slicing.slices[last]?.name}`,
        )
      last = Math.max(last, at)
      counts.get(slice)?.push(item)
      this.#value(slice.check, item)
    })
    for (const [slice, found] of counts) this.#count(slice, found, parent, label, doubtful.has(slice))
  }

  #unmatched(item: Item, index: number, slicing: Slicing, label: string): void {
    const unknown = slicing.slices.some((each) => each.matches(item, index, this.#slices) === undefined)
    const names = slicing.slices.map((each) => each.name).join(', ')
    if (unknown)
      this.#report(
        item.place,
        'incomplete',
        'not-checked-slice',
        `Not checked: which slice of ${label} this is`,
        'information',
      )
    else
      this.#report(
        item.place,
        'invalid',
        'slice-closed',
        `This is none of the slices of ${label} that are allowed: ${names}`,
      )
  }

  #count(slice: Slice, found: readonly Item[], parent: Item, label: string, doubtful: boolean): void {
    const what = `The slice ${slice.name} of ${label}`
    if (found.length < slice.min && !doubtful)
      this.#report(parent.place, 'structure', 'slice-min', `${what} must occur at least ${times(slice.min)}`)
    if (found.length > slice.max)
      this.#report(
        parent.place,
        'structure',
        'slice-max',
        slice.max === 0 ? `${what} must not occur` : `${what} must occur at most ${times(slice.max)}`,
      )
    if (slice.slicing !== undefined) this.#slicing(slice.slicing, found, parent, `${label}:${slice.name}`)
  }

  #rules({ rules }: ValueCheck, item: Item): void {
    // A rule on an element is asked in the resource that has the element, even if the element is itself a resource.
    const { up } = item.place
    const holder = up === undefined || item === this.#root ? item : { ...item, place: up }
    const environment = this.#context.environment(holder)
    for (const rule of rules)
      if (rule.holds(item.value, environment) === false)
        this.#report(item.place, 'invariant', rule.key, rule.human, rule.bestPractice ? 'warning' : rule.severity)
  }

  #report(place: Place, code: string, rule: string, message: string, severity: Issue['severity'] = 'error'): void {
    this.issues.push({ severity, code, message, rule, expression: pathOf(place) })
  }
}

const isResource = ({ value }: Item): boolean => isObject(value) && typeof value['resourceType'] === 'string'
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
const shown = (value: unknown): string => JSON.stringify(value).slice(0, 200)

const strengthOf = (strength: string): 'required' | 'extensible' | 'preferred' | undefined =>
  strength === 'required' || strength === 'extensible' || strength === 'preferred' ? strength : undefined
