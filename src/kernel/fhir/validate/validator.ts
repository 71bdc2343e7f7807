import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { memberOf } from '../codes/coding.ts'
import { Codes } from '../codes/membership.ts'
import { definitions } from '../definitions.ts'
import type { Environment } from '../fhirpath/environment.ts'
import { type Library, unversioned } from '../packages/library.ts'
import { checkProfile, conforms, type ProfileContext } from '../profiles/check.ts'
import { type CompiledProfile, compileProfile } from '../profiles/compiled.ts'
import { checkExtensions, type ExtensionContext } from '../profiles/extensions.ts'
import type { Item } from '../profiles/place.ts'
import { visitItems } from '../profiles/visit.ts'
import { typeNumber } from '../resource-types.ts'
import { checkStructure } from '../structure.ts'
import { resourceChecks } from './resource-checks.ts'
import { Surroundings } from './surroundings.ts'

/** How a resource is to be validated. */
export interface ValidateOptions {
  /** Profiles it must meet, beyond those it claims. */
  readonly profiles?: readonly string[]
  /** Says which elements that profiles ask systems to support are empty. */
  readonly mustSupport?: boolean
  readonly unknownExtension?: ExtensionContext['unknownExtension']
  /** Text that looks like markup is wrong rather than doubtful. */
  readonly securityChecks?: boolean
}

/** Compiled profiles that are kept; the one not used for longest goes first. */
const mostProfiles = 500

/** Validates resources against R4 and against the conformance resources of a library. Holds what it compiled. */
export class Validator {
  readonly library: Library
  readonly codes: Codes
  readonly #profiles = new Map<string, CompiledProfile | undefined>()
  #version = ''

  constructor(library: Library) {
    this.library = library
    this.codes = new Codes(library)
  }

  /** Everything that is wrong or doubtful with a parsed resource, and what could not be checked. */
  validate(resource: unknown, options: ValidateOptions = {}): readonly Issue[] {
    this.#fresh()
    const surroundings = new Surroundings(resource)
    const structure = checkStructure(resource, {
      thorough: true,
      codes: this.codes,
      resolve: (reference) => surroundings.resolve(reference, undefined)?.value,
    })
    const type = isObject(resource) && typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''
    if (typeNumber(type) === undefined) return structure.issues
    const root: Item = { value: resource, type, place: { step: type } }
    const context = this.#context(root, surroundings, options)
    const issues = [
      ...structure.issues.map((each) =>
        options.securityChecks === true && each.rule === 'text-markup' ? { ...each, severity: 'error' as const } : each,
      ),
      ...this.#requested(root, options.profiles ?? [], context),
      ...this.#claimed(root, context),
      ...checkExtensions(root, context),
      ...resourceChecks(root, surroundings, this),
    ]
    return distinct(issues)
  }

  /** What profiles alone ask of a resource whose structure was checked before. */
  meets(resource: Readonly<Record<string, unknown>>, profiles: readonly string[]): readonly Issue[] {
    this.#fresh()
    const type = String(resource['resourceType'])
    const root: Item = { value: resource, type, place: { step: type } }
    return distinct(this.#requested(root, profiles, this.#context(root, new Surroundings(resource), {})))
  }

  /** A profile, compiled; undefined when its definition is not here or is of no R4 type. */
  profile(canonical: string): CompiledProfile | undefined {
    if (this.#profiles.has(canonical)) {
      const known = this.#profiles.get(canonical)
      this.#profiles.delete(canonical)
      this.#profiles.set(canonical, known)
      return known
    }
    const definition = this.library.structure(canonical)
    const made = definition === undefined ? undefined : compileProfile(definition, (url) => this.library.structure(url))
    const [oldest] = this.#profiles.keys()
    if (this.#profiles.size >= mostProfiles && oldest !== undefined) this.#profiles.delete(oldest)
    this.#profiles.set(canonical, made)
    return made
  }

  #fresh(): void {
    if (this.#version === this.library.version) return
    this.#version = this.library.version
    this.#profiles.clear()
  }

  #context(root: Item, surroundings: Surroundings, options: ValidateOptions): ExtensionContext {
    const pending = new Set<string>()
    const environment = (item: Item): Environment => ({
      ...surroundings.resourcesOf(item),
      resolve: (reference) => surroundings.resolve(reference, item)?.value,
      memberOf: (value, valueSet) => memberOf(value, valueSet, this.codes),
      conformsTo: (value, profile) =>
        conforms(
          { value, type: isObject(value) ? String(value['resourceType']) : '', place: item.place },
          profile,
          context,
        ),
    })
    const base: ProfileContext = {
      codes: this.codes,
      profile: (canonical) => this.profile(canonical),
      environment,
      mustSupport: options.mustSupport === true,
      resolveItem: (reference, from) => surroundings.resolve(reference, from),
      memberOf: (value, valueSet) => memberOf(value, valueSet, this.codes),
      once: (question, answer) => {
        if (pending.has(question)) return undefined
        pending.add(question)
        try {
          return answer()
        } finally {
          pending.delete(question)
        }
      },
      root: root.value,
      typeOfProfile: (canonical) => this.#typeOf(canonical),
    }
    const context: ExtensionContext = {
      ...base,
      structure: (canonical) => this.library.structure(canonical),
      unknownExtension: options.unknownExtension ?? 'information',
    }
    return context
  }

  #typeOf(canonical: string): string | undefined {
    const base = unversioned(canonical).replace('http://hl7.org/fhir/StructureDefinition/', '')
    return Object.hasOwn(definitions().types, base) ? base : this.library.structure(canonical)?.type
  }

  #requested(root: Item, profiles: readonly string[], context: ProfileContext): readonly Issue[] {
    return profiles.flatMap((canonical) => this.#against(root, canonical, context, 'error'))
  }

  /** `meta.profile` of the resource and of those in it. */
  #claimed(root: Item, context: ProfileContext): readonly Issue[] {
    const issues: Issue[] = []
    visitItems(root, (item) => {
      const meta =
        isObject(item.value) && typeof item.value['resourceType'] === 'string' ? item.value['meta'] : undefined
      const claims: unknown = isObject(meta) ? meta['profile'] : undefined
      if (!Array.isArray(claims)) return
      claims.forEach((claim: unknown) => {
        if (typeof claim === 'string') issues.push(...this.#against(item, claim, context, 'information'))
      })
    })
    return issues
  }

  #against(
    item: Item,
    canonical: string,
    context: ProfileContext,
    whenMissing: 'error' | 'information',
  ): readonly Issue[] {
    const profile = this.profile(canonical)
    const expression = item.place.step
    if (profile === undefined) {
      if (this.#typeOf(canonical) === item.type && !this.library.structure(canonical)?.derivation) return []
      const message = `Not checked: the profile ${canonical.slice(0, 200)} is not here`
      return [
        {
          severity: whenMissing,
          code: whenMissing === 'error' ? 'not-found' : 'incomplete',
          rule: 'not-checked-profile',
          message,
          expression,
        },
      ]
    }
    if (profile.type !== item.type && profile.type !== 'Resource' && profile.type !== 'DomainResource') {
      const message = `${canonical} is a profile of ${profile.type}, and this is a ${item.type}`
      return [{ severity: 'error', code: 'structure', rule: 'profile-type', message, expression }]
    }
    return checkProfile(profile, item, context)
  }
}

/** Each issue once: the same rule at the same place is said by its gravest form. */
function distinct(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Map<string, Issue>()
  for (const issue of issues) {
    const key = `${issue.rule} ${issue.expression} ${issue.rule?.startsWith('profile') || issue.rule?.startsWith('slice') || issue.rule?.includes('-') === false ? issue.message : ''}`
    if (!seen.has(key)) seen.set(key, issue)
  }
  return [...seen.values()]
}
