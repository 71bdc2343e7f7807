import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { type Item, pathOf } from '../profiles/place.ts'
import { visitItems } from '../profiles/visit.ts'
import type { ResourceCheck } from './resource-checks.ts'
import type { Surroundings } from './surroundings.ts'

const restUrl = /^https?:\/\/.*\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/

/** R4 Bundle: full URLs that fit their resources, references that resolve, what is reachable in a document. */
export const bundleChecks: ResourceCheck = (item, surroundings) => {
  const bundle = isObject(item.value) ? item.value : {}
  const type = typeof bundle['type'] === 'string' ? bundle['type'] : ''
  return [
    ...fullUrlIssues(item, bundle, type),
    ...(type === 'searchset' ? searchIssues(item, bundle) : []),
    ...referenceIssues(item, surroundings, type),
    ...(type === 'document' ? documentIssues(item, surroundings) : []),
  ]
}

const issueAt = (place: string, rule: string, message: string, severity: Issue['severity'] = 'error'): Issue => ({
  severity,
  code: 'invalid',
  rule,
  message,
  expression: place,
})

const entriesOf = (bundle: Readonly<Record<string, unknown>>): readonly Record<string, unknown>[] =>
  Array.isArray(bundle['entry']) ? bundle['entry'].map((each: unknown) => (isObject(each) ? each : {})) : []

/** Bundles whose references are not resolved by fullUrl: UK Core publishes such collections with relative ones. */
const looseTypes: ReadonlySet<string> = new Set(['collection', 'searchset'])

/** R4 Bundle.entry.fullUrl: "must be consistent with the id in the resource". */
function fullUrlIssues(item: Item, bundle: Readonly<Record<string, unknown>>, type: string): readonly Issue[] {
  const issues: Issue[] = []
  entriesOf(bundle).forEach(({ fullUrl, resource }, index) => {
    const place = `${pathOf(item.place)}.entry[${index}]`
    if (!isObject(resource)) return
    if (typeof fullUrl !== 'string') {
      if (type === 'document' || type === 'message')
        issues.push(issueAt(place, 'bundle-full-url', `An entry of a ${type} must have a fullUrl`, 'warning'))
      return
    }
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(fullUrl))
      issues.push(
        issueAt(place, 'bundle-full-url', 'A fullUrl must be absolute', looseTypes.has(type) ? 'warning' : 'error'),
      )
    const [, urlType, urlId] = restUrl.exec(fullUrl) ?? []
    if (urlType === undefined || type === 'batch' || type === 'transaction') return
    const { id } = resource
    if (id === undefined)
      issues.push(
        issueAt(place, 'bundle-full-url', `The fullUrl ends in ${urlType}/${urlId}, and the resource has no id`),
      )
    else if (urlType !== resource['resourceType'] || urlId !== id)
      issues.push(
        issueAt(
          place,
          'bundle-full-url',
          `The fullUrl must end in ${String(resource['resourceType'])}/${typeof id === 'string' ? id : ''}`,
        ),
      )
  })
  return issues
}

/** What a search answers has ids (R4 RESTful API, search), and matches are of the type that was asked for. */
function searchIssues(item: Item, bundle: Readonly<Record<string, unknown>>): readonly Issue[] {
  const asked = searchedType(bundle)
  return entriesOf(bundle).flatMap(({ resource, search }, index) => {
    if (!isObject(resource)) return []
    const place = `${pathOf(item.place)}.entry[${index}].resource`
    const mode = isObject(search) ? search['mode'] : undefined
    const type = resource['resourceType']
    if (mode === 'outcome' || type === 'OperationOutcome') return []
    const issues: Issue[] = []
    if (resource['id'] === undefined)
      issues.push(issueAt(place, 'bundle-search-id', 'A resource that a search found has an id'))
    if (asked !== undefined && mode === 'match' && type !== asked)
      issues.push(
        issueAt(
          place,
          'bundle-search-type',
          `The search was for ${asked}, and this is a ${typeof type === 'string' ? type : ''}`,
        ),
      )
    return issues
  })
}

function searchedType(bundle: Readonly<Record<string, unknown>>): string | undefined {
  const links: unknown = bundle['link']
  const self = Array.isArray(links)
    ? links.find((each: unknown) => isObject(each) && each['relation'] === 'self')
    : undefined
  const url = isObject(self) && typeof self['url'] === 'string' ? self['url'] : ''
  return /\/([A-Z][A-Za-z]+)(?:\/_search)?(?:\?|$)/.exec(url)?.[1]
}

/** References among entries: to one entry, of the type they name; in a document, to some entry. */
function referenceIssues(item: Item, surroundings: Surroundings, type: string): readonly Issue[] {
  const issues: Issue[] = []
  for (const { fullUrl, item: entry } of surroundings.entries) {
    const isComposition = type === 'document' && entry.type === 'Composition'
    visitItems(entry, (each) => {
      if (each.type !== 'Reference' || !isObject(each.value)) return
      const { reference } = each.value
      if (typeof reference !== 'string' || reference.startsWith('#')) return
      const place = pathOf(each.place)
      const found = surroundings.matches(reference, fullUrl)
      const distinct = new Set(found.map(({ item: one }) => one.value))
      if (distinct.size > 1 && !reference.includes('/_history/'))
        issues.push(issueAt(place, 'bundle-reference-many', `More than one entry is ${reference.slice(0, 120)}`))
      const target = found[0]?.item
      const named = /^([A-Z][A-Za-z]+)\//.exec(reference)?.[1]
      if (target !== undefined && named !== undefined && target.type !== named)
        issues.push(issueAt(place, 'bundle-reference-type', `This names a ${named}, and the entry is a ${target.type}`))
      if (target !== undefined) return
      const near = surroundings.named(reference)
      if (isComposition)
        issues.push(
          issueAt(
            place,
            'bundle-reference',
            `Nothing in the document is ${reference.slice(0, 120)}${near.length > 0 ? ': an entry has this type and id, but another fullUrl' : ''}`,
          ),
        )
      else if (reference.startsWith('urn:'))
        issues.push(
          issueAt(
            place,
            'bundle-reference',
            `Nothing in the Bundle is ${reference.slice(0, 120)}`,
            type === 'document' || type === 'message' ? 'error' : 'warning',
          ),
        )
    })
  }
  return issues.filter((each) => each.expression?.startsWith(pathOf(item.place)))
}

/** R4 Documents: every entry is reached from the Composition, forward or backward. */
function documentIssues(item: Item, surroundings: Surroundings): readonly Issue[] {
  const { entries } = surroundings
  const links = entries.map(({ fullUrl, item: entry }) => {
    const targets = new Set<unknown>()
    visitItems(entry, ({ type, value }) => {
      if (type !== 'Reference' || !isObject(value) || typeof value['reference'] !== 'string') return
      for (const found of surroundings.matches(value['reference'], fullUrl)) targets.add(found.item.value)
    })
    return targets
  })
  const reached = new Set<unknown>([entries[0]?.item.value])
  for (let grew = true; grew; ) {
    grew = false
    entries.forEach(({ item: entry }, index) => {
      const targets = [...(links[index] ?? [])]
      const touches = reached.has(entry.value) || targets.some((each) => reached.has(each))
      if (!touches) return
      for (const each of [entry.value, ...targets])
        if (!reached.has(each)) {
          reached.add(each)
          grew = true
        }
    })
  }
  return entries.flatMap(({ item: entry, fullUrl }) =>
    reached.has(entry.value) || entry.type === 'Provenance'
      ? []
      : [
          issueAt(
            `${pathOf(item.place)}.entry[${entry.place.up?.index}]`,
            'bundle-unreached',
            `Nothing in the document leads to the entry ${fullUrl ?? ''}`,
            'warning',
          ),
        ],
  )
}
