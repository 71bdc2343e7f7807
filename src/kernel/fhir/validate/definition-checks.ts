import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { definitions, plainType } from '../definitions.ts'
import { compileFully } from '../fhirpath/library.ts'
import { parseExpression, SyntaxFault } from '../fhirpath/syntax.ts'
import { pathOf } from '../profiles/place.ts'
import { makeSnapshot } from '../profiles/snapshot.ts'
import type { ResourceCheck } from './resource-checks.ts'

const issueAt = (expression: string, rule: string, message: string, severity: Issue['severity'] = 'error'): Issue => ({
  severity,
  code: severity === 'information' ? 'incomplete' : 'invalid',
  rule,
  message,
  expression,
})

/** A StructureDefinition: its differential fits its base, its types and expressions exist. */
export const structureDefinitionChecks: ResourceCheck = (item, _, { library }) => {
  // Its shape was checked with the structure; what is missing is only not looked at.
  const definition = item.value as StructureDefinition
  const place = pathOf(item.place)
  const elements = definition.differential?.element ?? []
  if (!Array.isArray(elements) || elements.some((each) => typeof each.path !== 'string')) return []
  const issues: Issue[] = []
  const base = definition.baseDefinition === undefined ? undefined : library.structure(definition.baseDefinition)
  if (definition.baseDefinition !== undefined && base === undefined)
    issues.push(
      issueAt(
        place,
        'not-checked-base',
        `Not checked: its base ${definition.baseDefinition.slice(0, 200)} is not here`,
        'information',
      ),
    )
  if (base !== undefined && definition.derivation === 'constraint' && base.type !== definition.type)
    issues.push(
      issueAt(
        place,
        'definition-type',
        `Its base is a definition of ${base.type}, and it is one of ${definition.type}`,
      ),
    )
  if (base !== undefined && elements.length > 0)
    for (const { index, message } of makeSnapshot(definition, (url) => library.structure(url)).faults)
      issues.push(
        issueAt(index === undefined ? place : `${place}.differential.element[${index}]`, 'definition-path', message),
      )
  elements.forEach((element, index) => {
    const at = `${place}.differential.element[${index}]`
    issues.push(...typeIssues(element, at, (url) => library.structure(url)), ...expressionIssues(element, at))
  })
  return [...issues, ...extensionUrlIssues(definition, place, base), ...rangeIssues(elements, place)]
}

function typeIssues(
  element: ElementDefinition,
  at: string,
  structure: (url: string) => StructureDefinition | undefined,
): readonly Issue[] {
  return (element.type ?? []).flatMap(({ code, profile = [] }, index) => {
    if (typeof code !== 'string') return []
    const known = code.startsWith('http') || Object.hasOwn(definitions().types, code)
    if (!known) return [issueAt(`${at}.type[${index}]`, 'definition-type', `R4 has no type ${code.slice(0, 60)}`)]
    return profile.flatMap((canonical, which) => {
      const found = structure(canonical)
      if (found === undefined || found.type === code || (abstractTypes.has(code) && isBasedOn(found.type, code)))
        return []
      return [
        issueAt(
          `${at}.type[${index}].profile[${which}]`,
          'definition-type',
          `${canonical} is a profile of ${found.type}, and the type is ${code}`,
        ),
      ]
    })
  })
}

/** Types that stand for any made from them. */
const abstractTypes = new Set(['Resource', 'DomainResource', 'Element', 'BackboneElement'])

/** Whether an R4 type is made from another: every resource from Resource, Age from Quantity. */
function isBasedOn(type: string, ancestor: string): boolean {
  const { types } = definitions()
  for (let at: string | undefined = type; at !== undefined; at = Object.hasOwn(types, at) ? types[at]?.base : undefined)
    if (plainType(at) === ancestor) return true
  return false
}

function expressionIssues(element: ElementDefinition, at: string): readonly Issue[] {
  return (element.constraint ?? []).flatMap(({ key, expression }, index) => {
    const fault = expression === undefined ? undefined : expressionFault(expression)
    return fault === undefined
      ? []
      : [
          issueAt(
            `${at}.constraint[${index}].expression`,
            'definition-expression',
            `The rule ${key} cannot be read: ${fault}`,
          ),
        ]
  })
}

/** Why a text is no FHIRPath expression; undefined when it is one. */
function expressionFault(expression: string): string | undefined {
  try {
    parseExpression(expression)
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    try {
      // Ours reads less than the whole language.
      compileFully(expression)
      return undefined
    } catch {
      return error.message
    }
  }
}

/** The URL that an extension's instances carry is its own. */
function extensionUrlIssues(
  definition: StructureDefinition,
  place: string,
  base: StructureDefinition | undefined,
): readonly Issue[] {
  if (definition.type !== 'Extension' || definition.derivation !== 'constraint') return []
  const own = definition.differential?.element ?? []
  const at = own.findIndex((each) => each.path === 'Extension.url')
  const fixed = own[at]?.fixedUri
  if (fixed !== undefined && fixed !== definition.url)
    return [
      issueAt(
        `${place}.differential.element[${at}]`,
        'definition-url',
        'The fixed url of an extension is that of its definition',
      ),
    ]
  const inherited = base?.snapshot?.element.find((each) => each.path === 'Extension.url')?.fixedUri
  if (inherited === undefined || inherited === definition.url || fixed !== undefined)
    return fixed !== undefined && inherited !== undefined && inherited !== fixed
      ? [issueAt(place, 'definition-url', `Its base fixes the url to ${inherited}`)]
      : []
  return [issueAt(place, 'definition-url', `Its base fixes the url of instances to ${inherited}`)]
}

function rangeIssues(elements: readonly ElementDefinition[], place: string): readonly Issue[] {
  return elements.flatMap(({ min, max }, index) => {
    if (typeof min !== 'number' || typeof max !== 'string' || max === '*' || min <= Number(max)) return []
    return [
      issueAt(
        `${place}.differential.element[${index}]`,
        'definition-range',
        `It must occur at least ${min} and at most ${max} times`,
      ),
    ]
  })
}

/** A SearchParameter: its expression can be read. */
export const searchParameterChecks: ResourceCheck = (item) => {
  const { expression } = isObject(item.value) ? item.value : {}
  const fault = typeof expression === 'string' ? expressionFault(expression) : undefined
  return fault === undefined
    ? []
    : [issueAt(`${pathOf(item.place)}.expression`, 'definition-expression', `The expression cannot be read: ${fault}`)]
}

/** A ValueSet: what it includes exists, and listed codes are codes of their systems. */
export const valueSetChecks: ResourceCheck = (item, _, { codes, library }) => {
  const compose = isObject(item.value) && isObject(item.value['compose']) ? item.value['compose'] : {}
  return ['include', 'exclude'].flatMap((part) =>
    (Array.isArray(compose[part]) ? compose[part].filter(isObject) : []).flatMap(
      (include: Record<string, unknown>, index: number) => {
        const at = `${pathOf(item.place)}.compose.${part}[${index}]`
        const { system, concept, valueSet } = include
        const listed = Array.isArray(concept) ? concept.filter(isObject) : []
        const wrong = listed.flatMap(({ code }, which) =>
          typeof system === 'string' && typeof code === 'string' && codes.exists(code, system) === false
            ? [
                issueAt(
                  `${at}.concept[${which}]`,
                  'code-unknown',
                  `The code "${code.slice(0, 80)}" is not in the code system ${system}`,
                ),
              ]
            : [],
        )
        const missing = (Array.isArray(valueSet) ? valueSet : []).flatMap((url: unknown) =>
          typeof url === 'string' && library.valueSet(url) === undefined
            ? [
                issueAt(
                  at,
                  'not-checked-value-set',
                  `Not checked: the value set ${url.slice(0, 200)} is not here`,
                  'information',
                ),
              ]
            : [],
        )
        return [...wrong, ...missing]
      },
    ),
  )
}

/** A Questionnaire: conditions look at questions that come before them, and options fit. */
export const questionnaireChecks: ResourceCheck = (item) => {
  const issues: Issue[] = []
  const seen = new Map<string, readonly string[]>()
  const visit = (holder: unknown, place: string, above: readonly string[]): void => {
    const items: unknown = isObject(holder) ? holder['item'] : undefined
    if (!Array.isArray(items)) return
    items.forEach((each: unknown, index) => {
      if (!isObject(each)) return
      const at = `${place}.item[${index}]`
      const linkId = typeof each['linkId'] === 'string' ? each['linkId'] : ''
      if (seen.has(linkId)) issues.push(issueAt(at, 'questionnaire-link', `The linkId ${linkId} occurs twice`))
      seen.set(linkId, above)
      visit(each, at, [...above, linkId])
    })
  }
  const place = pathOf(item.place)
  visit(item.value, place, [])
  const conditions = (holder: unknown, at: string, above: readonly string[]): void => {
    const items: unknown = isObject(holder) ? holder['item'] : undefined
    if (!Array.isArray(items)) return
    items.forEach((each: unknown, index) => {
      if (!isObject(each)) return
      const own = `${at}.item[${index}]`
      const linkId = typeof each['linkId'] === 'string' ? each['linkId'] : ''
      const list: unknown = each['enableWhen']
      for (const condition of Array.isArray(list) ? list.filter(isObject) : []) {
        const question = typeof condition['question'] === 'string' ? condition['question'] : ''
        const target = seen.get(question)
        if (target === undefined)
          issues.push(
            issueAt(
              own,
              'questionnaire-condition',
              `The condition looks at the question ${question}, which is not here`,
            ),
          )
        else if (target.includes(linkId) || question === linkId)
          issues.push(
            issueAt(own, 'questionnaire-condition', 'A condition cannot look at the item itself or at one in it'),
          )
      }
      conditions(each, own, [...above, linkId])
    })
  }
  conditions(item.value, place, [])
  return issues
}
