/** A resource of the reference model: a searchable text and what it refers to, by parameter. */
export interface Node {
  readonly type: string
  readonly id: string
  readonly text: string
  readonly references: Readonly<Record<string, readonly string[]>>
}

/** What a search asks of a resource: its own text, that of what it refers to, or of what refers to it. */
export type Ask =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'chain'; readonly code: string; readonly target: string; readonly inner: Ask }
  | { readonly kind: 'has'; readonly source: string; readonly code: string; readonly inner: Ask }

/** An include of the model; `target` is empty for any. */
export interface ModelInclude {
  readonly reverse: boolean
  readonly iterate: boolean
  readonly source: string
  readonly code: string
  readonly target: string
}

/** The parameter that finds a resource of a type by the model's text. */
const textParameters: Readonly<Record<string, string>> = {
  Patient: 'family',
  Organization: 'name',
  Encounter: 'identifier',
  Observation: 'code',
}

/** Type, parameter and target of every reference the model has, with the element that holds it. */
export const links = [
  ['Patient', 'organization', 'Organization', 'managingOrganization'],
  ['Organization', 'partof', 'Organization', 'partOf'],
  ['Encounter', 'subject', 'Patient', 'subject'],
  ['Encounter', 'service-provider', 'Organization', 'serviceProvider'],
  ['Encounter', 'part-of', 'Encounter', 'partOf'],
  ['Observation', 'subject', 'Patient', 'subject'],
  ['Observation', 'encounter', 'Encounter', 'encounter'],
  ['Observation', 'has-member', 'Observation', 'hasMember'],
] as const

/** The name of a search parameter that asks this of a type. */
export function nameOfAsk(type: string, ask: Ask): string {
  if (ask.kind === 'text') return textParameters[type] ?? ''
  if (ask.kind === 'chain') return `${ask.code}:${ask.target}.${nameOfAsk(ask.target, ask.inner)}`
  return `_has:${ask.source}:${ask.code}:${nameOfAsk(ask.source, ask.inner)}`
}

/** The text at the end of what is asked. */
export const textOfAsk = (ask: Ask): string => (ask.kind === 'text' ? ask.text : textOfAsk(ask.inner))

const nameOf = (node: Node): string => `${node.type}/${node.id}`

/** Whether a resource is what is asked for, in a world of these resources only. */
export function answers(node: Node, ask: Ask, world: readonly Node[]): boolean {
  if (ask.kind === 'text') return node.text === ask.text
  if (ask.kind === 'chain')
    return world.some(
      (other) =>
        other.type === ask.target &&
        (node.references[ask.code] ?? []).includes(nameOf(other)) &&
        answers(other, ask.inner, world),
    )
  return world.some(
    (other) =>
      other.type === ask.source &&
      (other.references[ask.code] ?? []).includes(nameOf(node)) &&
      answers(other, ask.inner, world),
  )
}

/** Names of what includes bring beside the matches. */
export function brings(matches: readonly Node[], includes: readonly ModelInclude[], world: readonly Node[]): string[] {
  const found = new Set(matches.map(nameOf))
  let sources = matches
  for (let hop = 0; sources.length > 0; hop += 1) {
    const active = includes.filter((each) => hop === 0 || each.iterate)
    const next = world.filter(
      (other) => !found.has(nameOf(other)) && sources.some((node) => active.some((each) => leads(each, node, other))),
    )
    for (const each of next) found.add(nameOf(each))
    sources = next
  }
  for (const each of matches) found.delete(nameOf(each))
  return [...found].toSorted()
}

/** Whether an include leads from one resource to another. */
function leads({ reverse, source, code, target }: ModelInclude, from: Node, to: Node): boolean {
  const [holder, held] = reverse ? [to, from] : [from, to]
  const fits = holder.type === source && (target === '' || held.type === target)
  return fits && (holder.references[code] ?? []).includes(nameOf(held))
}
