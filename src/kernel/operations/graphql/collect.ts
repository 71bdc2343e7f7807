import type { DirectiveNode, FieldNode, SelectionSetNode } from 'graphql'
import { definitions } from '../../fhir/definitions.ts'
import { type Query, refused } from './document.ts'

/** A field as it is to be answered, with all that was selected beneath it. */
export interface Selected {
  /** The name in the answer. */
  readonly key: string
  readonly field: FieldNode
  readonly sets: readonly SelectionSetNode[]
}

interface Group {
  readonly key: string
  readonly field: FieldNode
  readonly sets: SelectionSetNode[]
  readonly written: SelectionSetNode
}

/**
 * The fields selected of an object of a type, in order, fragments opened. A field that a fragment repeats is one field, as
 * GraphQL merges them; one that is written twice side by side is answered twice, in a list, as in FHIR's published cases.
 */
export function selectedOf(query: Query, sets: readonly SelectionSetNode[], type: string): readonly Selected[] {
  const groups: Group[] = []
  const seen = new Set<SelectionSetNode>()
  const visit = (set: SelectionSetNode): void => {
    if (seen.has(set)) return
    seen.add(set)
    for (const each of set.selections) {
      if (!isIncluded(query, each.directives ?? [])) continue
      if (each.kind === 'Field') addField(groups, each, set)
      else {
        const fragment = each.kind === 'InlineFragment' ? each : query.fragments.get(each.name.value)
        const on = fragment?.typeCondition?.name.value
        if (fragment !== undefined && (on === undefined || isA(type, on))) visit(fragment.selectionSet)
      }
    }
  }
  for (const set of sets) visit(set)
  return groups
}

function addField(groups: Group[], field: FieldNode, written: SelectionSetNode): void {
  const key = field.alias?.value ?? field.name.value
  const same = groups.filter((each) => each.key === key)
  const [first] = same
  const own = field.selectionSet === undefined ? [] : [field.selectionSet]
  if (first === undefined || same.some((each) => each.written === written)) {
    groups.push({ key, field, sets: own, written })
    return
  }
  if (first.field.name.value !== field.name.value) throw refused(`"${key.slice(0, 60)}" is asked for with two meanings`)
  first.sets.push(...own)
}

/** GraphQL's own directives. */
function isIncluded(query: Query, directives: readonly DirectiveNode[]): boolean {
  return directives.every((each) => {
    const name = each.name.value
    if (name !== 'include' && name !== 'skip') return true
    const value = query.argumentsOf(each).get('if')
    if (typeof value !== 'boolean') throw refused(`@${name} needs "if", true or false`)
    return value === (name === 'include')
  })
}

/** Whether a type is another or built on it. */
export function isA(type: string, name: string): boolean {
  for (let at: string | undefined = type; at !== undefined; at = definitions().types[at]?.base)
    if (at === name) return true
  return false
}
