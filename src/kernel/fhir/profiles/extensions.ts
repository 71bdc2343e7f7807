import type { StructureDefinition } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { definitions } from '../definitions.ts'
import { compileFully } from '../fhirpath/library.ts'
import { checkProfile, type ProfileContext } from './check.ts'
import { type Item, pathOf } from './place.ts'
import { visitItems } from './visit.ts'

/** What checking extensions may ask. */
export interface ExtensionContext extends ProfileContext {
  readonly structure: (canonical: string) => StructureDefinition | undefined
  /** What an extension without a definition is: not checked, unless a deployment says it is wrong. */
  readonly unknownExtension: 'information' | 'warning' | 'error'
}

/** Checks every extension in a resource: known, allowed where it is, and of its own profile. */
export function checkExtensions(root: Item, context: ExtensionContext): readonly Issue[] {
  const issues: Issue[] = []
  visitItems(root, (item, ancestors) => {
    if (item.type !== 'Extension' || !isObject(item.value)) return
    const url = item.value['url']
    if (typeof url !== 'string') return
    const parent = ancestors.at(-1)
    // Parts of a complex extension have names, which its definition knows.
    if (parent?.type === 'Extension' && !url.includes(':')) return
    issues.push(...extensionIssues(item, url, ancestors, context))
  })
  return issues
}

function extensionIssues(
  item: Item,
  url: string,
  ancestors: readonly Item[],
  context: ExtensionContext,
): readonly Issue[] {
  const issue = (severity: Issue['severity'], code: string, rule: string, message: string): Issue => ({
    severity,
    code,
    rule,
    message,
    expression: pathOf(item.place),
  })
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(url))
    return [issue('error', 'invalid', 'extension-url', 'The URL of an extension must be absolute')]
  const definition = context.structure(url)
  if (definition === undefined || definition.type !== 'Extension')
    return [
      issue(
        context.unknownExtension,
        context.unknownExtension === 'information' ? 'incomplete' : 'structure',
        'extension-unknown',
        `Not checked: the extension ${url.slice(0, 200)} is not known here`,
      ),
    ]
  const issues: Issue[] = []
  if (!isAllowed(definition, ancestors, context))
    issues.push(
      issue(
        'error',
        'structure',
        'extension-context',
        `The extension ${url} may not be used here, only on ${contextText(definition)}`,
      ),
    )
  const isModifier = definition.snapshot?.element[0]?.isModifier === true
  if (isModifier !== item.place.step.startsWith('modifierExtension') && definition.snapshot !== undefined)
    issues.push(
      issue(
        'error',
        'structure',
        'extension-modifier',
        isModifier
          ? 'This extension changes the meaning of what it is on: it must be a modifierExtension'
          : 'This extension must not be a modifierExtension',
      ),
    )
  issues.push(...partIssues(item, definition, issue))
  const profile = context.profile(url)
  return profile === undefined ? issues : [...issues, ...checkProfile(profile, item, context)]
}

/** Parts that the definition of a complex extension does not have. */
function partIssues(
  item: Item,
  definition: StructureDefinition,
  issue: (severity: Issue['severity'], code: string, rule: string, message: string) => Issue,
): readonly Issue[] {
  const parts = isObject(item.value) ? item.value['extension'] : undefined
  if (!Array.isArray(parts)) return []
  const elements = definition.snapshot?.element ?? []
  const known = new Set(
    elements.flatMap((each) =>
      each.path === 'Extension.extension.url' && each.fixedUri !== undefined ? [each.fixedUri] : [],
    ),
  )
  return parts.flatMap((part: unknown) => {
    const url = isObject(part) ? part['url'] : undefined
    if (typeof url !== 'string' || url.includes(':') || known.has(url)) return []
    return [
      issue('error', 'invalid', 'extension-part', `The extension ${definition.url} has no part "${url.slice(0, 80)}"`),
    ]
  })
}

const contextText = (definition: StructureDefinition): string =>
  (definition.context ?? []).map((each) => each.expression).join(', ')

function isAllowed(definition: StructureDefinition, ancestors: readonly Item[], context: ExtensionContext): boolean {
  const contexts = definition.context ?? []
  const holder = ancestors.at(-1)
  if (contexts.length === 0 || holder === undefined) return true
  const names = namesOf(ancestors)
  return contexts.some(({ type, expression }) => {
    if (type === 'fhirpath') return isSelected(expression, ancestors, context)
    if (type === 'extension')
      return holder.type === 'Extension' && isObject(holder.value) && holder.value['url'] === expression
    const plain = expression.replace(/\[x\]/g, '')
    if (names.has(plain)) return true
    const hash = plain.indexOf('#')
    if (hash > 0) return names.has(plain.slice(hash + 1)) || names.has(plain.slice(hash + 1).replace(/^.*\//, ''))
    const profileType = context.typeOfProfile(plain)
    return profileType !== undefined && names.has(profileType)
  })
}

/** Every name by which a context may call the element that holds an extension. */
function namesOf(ancestors: readonly Item[]): ReadonlySet<string> {
  const names = new Set<string>()
  const holder = ancestors.at(-1)
  if (holder === undefined) return names
  addTypes(names, holder.type)
  // From each ancestor on: `Patient.contact.name`, `HumanName.family`.
  for (let from = ancestors.length - 2; from >= 0; from--) {
    const steps = ancestors.slice(from + 1).map((each) => each.place.step.replace(/\.ofType\(.*$/, ''))
    for (const type of withBases(ancestors[from]?.type ?? '')) names.add(`${type}.${steps.join('.')}`)
  }
  return names
}

function addTypes(names: Set<string>, type: string): void {
  for (const each of withBases(type)) names.add(each)
}

function withBases(type: string): readonly string[] {
  const found = Object.hasOwn(definitions().types, type) ? definitions().types[type] : undefined
  if (found === undefined) return [type]
  if (found.kind === 'primitive') return [type, 'Element']
  return found.base === undefined
    ? [type, ...(found.kind === 'complex' ? ['Element'] : [])]
    : [type, ...withBases(found.base)]
}

function isSelected(expression: string, ancestors: readonly Item[], context: ExtensionContext): boolean {
  const holder = ancestors.at(-1)
  const resource = ancestors.findLast((each) => isObject(each.value) && typeof each.value['resourceType'] === 'string')
  if (holder === undefined || resource === undefined) return true
  try {
    const found = compileFully(expression)(resource.value, context.environment(holder))
    return found.length > 0
  } catch {
    // A context that cannot be read forbids nothing.
    return true
  }
}
