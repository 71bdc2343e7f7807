import type {
  CodeableConcept,
  Coding,
  ConceptMap,
  ConceptMapGroup,
  ConceptMapGroupElementTargetDependsOn,
} from 'fhir/r4.js'
import { problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { type Given, givenParameters, parametersAnswer, type Returned } from '../../rest/parameters.ts'
import { address } from '../../rest/target.ts'
import { readShared } from '../../store/reader.ts'
import { splitCanonical } from '../catalogue.ts'

const parameters = {
  url: { type: 'uri' },
  conceptMap: { type: 'AnyResource' },
  conceptMapVersion: { type: 'string' },
  code: { type: 'code' },
  system: { type: 'uri' },
  version: { type: 'string' },
  source: { type: 'uri' },
  coding: { type: 'Coding' },
  codeableConcept: { type: 'CodeableConcept' },
  target: { type: 'uri' },
  targetsystem: { type: 'uri' },
  reverse: { type: 'boolean' },
  dependency: {
    type: 'parts',
    many: true,
    parts: { element: { type: 'uri', required: true }, concept: { type: 'CodeableConcept', required: true } },
  },
} as const
type Asked = Given<typeof parameters>

/** FHIR `$translate`: a code in the words of another code system, by concept maps. */
export const translateOperation: FhirOperation = {
  name: 'translate',
  definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate',
  levels: ['system', 'type', 'instance'],
  types: ['ConceptMap'],
  affectsState: false,
  async run(ctx, invocation) {
    const given = givenParameters(invocation, parameters)
    const codings = codingsOf(given)
    const maps = await mapsFor(ctx, invocation, given)
    const matches = codings.flatMap((coding) => maps.flatMap((map) => translations(map, coding, given)))
    const result = matches.some(({ equivalence }) => !negative.has(equivalence))
    const asked = codings.map(({ system, code }) => `${system ?? ''}#${code ?? ''}`).join(', ')
    return parametersAnswer([
      { name: 'result', valueBoolean: result },
      ...(result ? [] : [{ name: 'message', valueString: `No concept map here translates ${asked}` }]),
      ...matches.map(returned),
    ])
  },
}

/** Equivalences that say there is no translation. */
const negative: ReadonlySet<string> = new Set(['unmatched', 'disjoint'])

interface Match {
  readonly equivalence: string
  readonly concept: Coding | undefined
  readonly products: readonly ConceptMapGroupElementTargetDependsOn[]
  readonly map: string | undefined
}

function codingsOf({ code, system, version, coding, codeableConcept }: Asked): readonly Coding[] {
  if (coding !== undefined) return [coding]
  if (codeableConcept !== undefined) return codeableConcept.coding ?? []
  if (code === undefined)
    throw problem('invalid', 'Say which code is meant: code, coding or codeableConcept', { expression: 'code' })
  return [{ code, ...(system === undefined ? {} : { system }), ...(version === undefined ? {} : { version }) }]
}

async function mapsFor(ctx: Context, invocation: Invocation, given: Asked): Promise<readonly ConceptMap[]> {
  if (invocation.level === 'instance') return [await storedMap(ctx, invocation.id ?? '')]
  if (given.conceptMap !== undefined) return [mapOf(given.conceptMap.resource)]
  const { catalogue } = ctx.store.terminology
  await catalogue.refresh()
  const canonical = given.url === undefined ? undefined : [given.url, given.conceptMapVersion].filter(Boolean).join('|')
  const listed = canonical === undefined ? catalogue.all('ConceptMap') : [catalogue.find('ConceptMap', canonical)]
  const found = await Promise.all(listed.flatMap((each) => (each === undefined ? [] : [catalogue.read(each)])))
  const maps = found.flatMap((each) => (each?.resourceType === 'ConceptMap' ? [each] : []))
  if (canonical === undefined) return maps.filter((map) => concerns(map, given))
  if (maps.length === 0) throw problem('not-found', `The concept map ${canonical.slice(0, 300)} is not here`)
  return maps
}

async function storedMap(ctx: Context, id: string): Promise<ConceptMap> {
  const stored = await readShared(ctx.store.database, address('ConceptMap', id).rtype, id)
  if (stored === undefined) throw problem('not-found', `ConceptMap/${id} is not known`)
  return JSON.parse(stored.body) as ConceptMap
}

function mapOf(resource: unknown): ConceptMap {
  const map = resource as ConceptMap
  if (map.resourceType !== 'ConceptMap' || (map.group !== undefined && !Array.isArray(map.group)))
    throw problem('invalid', 'This must be a ConceptMap', { expression: 'conceptMap' })
  return map
}

/** Whether a map leads between the value sets that the caller names. */
function concerns(map: ConceptMap, { source, target, reverse }: Asked): boolean {
  const is = (wanted: string | undefined, ...has: readonly (string | undefined)[]): boolean =>
    wanted === undefined ||
    has.some((each) => each !== undefined && splitCanonical(each).url === splitCanonical(wanted).url)
  const from = [map.sourceUri, map.sourceCanonical]
  const to = [map.targetUri, map.targetCanonical]
  return reverse === true ? is(source, ...to) && is(target, ...from) : is(source, ...from) && is(target, ...to)
}

function translations(map: ConceptMap, coding: Coding, given: Asked): readonly Match[] {
  return (map.group ?? []).flatMap((group) =>
    given.reverse === true ? backwards(map, group, coding, given) : forwards(map, group, coding, given, new Set()),
  )
}

const leadsTo = (system: string | undefined, { targetsystem }: Asked): boolean =>
  targetsystem === undefined || targetsystem === system

function forwards(
  map: ConceptMap,
  group: ConceptMapGroup,
  coding: Coding,
  given: Asked,
  seen: Set<string>,
): readonly Match[] {
  const { system, code } = coding
  if (system !== undefined && group.source !== undefined && system !== group.source) return []
  if (!leadsTo(group.target, given)) return []
  const elements = group.element.filter((each) => each.code === code)
  const matches = elements.flatMap(({ target = [] }) =>
    target
      .filter(({ dependsOn = [] }) => dependsOn.every((each) => isMet(each, given)))
      .map(
        (each): Match => ({
          equivalence: each.equivalence,
          concept:
            each.code === undefined ? undefined : codingIn(group.target, group.targetVersion, each.code, each.display),
          products: each.product ?? [],
          map: map.url,
        }),
      ),
  )
  return elements.length > 0 ? matches : unmapped(map, group, coding, given, seen)
}

function unmapped(
  map: ConceptMap,
  group: ConceptMapGroup,
  coding: Coding,
  given: Asked,
  seen: Set<string>,
): readonly Match[] {
  const rule = group.unmapped
  if (rule === undefined || (coding.system !== group.source && group.source !== undefined)) return []
  const match = (code: string | undefined, display: string | undefined): readonly Match[] =>
    code === undefined
      ? []
      : [
          {
            equivalence: rule.mode === 'provided' ? 'equal' : 'inexact',
            concept: codingIn(group.target, undefined, code, display),
            products: [],
            map: map.url,
          },
        ]
  if (rule.mode === 'provided') return match(coding.code, coding.display)
  if (rule.mode === 'fixed') return match(rule.code, rule.display)
  // Another map, of those inside this one: a map elsewhere is asked for by its own URL.
  const url = rule.url ?? ''
  if (seen.has(url)) return []
  const other = (map.contained ?? []).find(
    (each): each is ConceptMap => each.resourceType === 'ConceptMap' && `#${each.id}` === url,
  )
  if (other === undefined) return []
  return (other.group ?? []).flatMap((each) => forwards(other, each, coding, given, new Set([...seen, url])))
}

/** What an equivalence means when it is read from the other end. */
const opposite: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
}

function backwards(map: ConceptMap, group: ConceptMapGroup, coding: Coding, given: Asked): readonly Match[] {
  if (coding.system !== undefined && group.target !== undefined && coding.system !== group.target) return []
  if (!leadsTo(group.source, given)) return []
  return group.element.flatMap(({ code, display, target = [] }) =>
    target
      .filter((each) => each.code === coding.code && !negative.has(each.equivalence))
      .map(
        ({ equivalence }): Match => ({
          equivalence: opposite[equivalence] ?? equivalence,
          concept: code === undefined ? undefined : codingIn(group.source, group.sourceVersion, code, display),
          products: [],
          map: map.url,
        }),
      ),
  )
}

const codingIn = (
  system: string | undefined,
  version: string | undefined,
  code: string,
  display: string | undefined,
): Coding => ({
  ...(system === undefined ? {} : { system }),
  ...(version === undefined ? {} : { version }),
  code,
  ...(display === undefined ? {} : { display }),
})

const isMet = (needed: ConceptMapGroupElementTargetDependsOn, { dependency }: Asked): boolean =>
  dependency.some(({ element, concept }) => element === needed.property && hasCode(concept, needed))

const hasCode = (
  { coding = [], text }: CodeableConcept,
  { system, value }: ConceptMapGroupElementTargetDependsOn,
): boolean =>
  text === value || coding.some((each) => each.code === value && (system === undefined || each.system === system))

const returned = ({ equivalence, concept, products, map }: Match): Returned => ({
  name: 'match',
  part: [
    { name: 'equivalence', valueCode: equivalence },
    ...(concept === undefined ? [] : [{ name: 'concept', valueCoding: concept }]),
    ...products.map(({ property, system, value, display }) => ({
      name: 'product',
      part: [
        { name: 'element', valueUri: property },
        { name: 'concept', valueCoding: codingIn(system, undefined, value, display) },
      ],
    })),
    ...(map === undefined ? [] : [{ name: 'source', valueUri: map }]),
  ],
})
