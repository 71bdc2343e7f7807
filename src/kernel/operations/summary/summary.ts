import { problem } from '../../../base/problem.ts'
import { sql } from '../../../base/sql.ts'
import type { Context } from '../../access/context.ts'
import { visible } from '../../access/visible.ts'
import { typeNumber } from '../../fhir/resource-types.ts'
import { type FhirAnswer, jsonAnswer } from '../../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { givenParameters } from '../../rest/parameters.ts'
import { noCodes } from '../../search/code-source.ts'
import { filterCondition } from '../../search/filter-condition.ts'
import { foundIn } from '../../search/include.ts'
import { parseSearch } from '../../search/query.ts'
import type { Found } from '../../search/search.ts'
import { resourceIn } from '../../search/targets.ts'
import { int2Array } from '../../store/wire.ts'
import { auditReturned } from '../audit-found.ts'
import { derivedUuid } from '../derived-uuid.ts'
import { homeOf } from '../everything/scope.ts'
import { kindsOf } from '../lastn.ts'
import { addReferences, readReferenced } from '../referenced.ts'
import { listNarrative, sentenceNarrative } from './narrative.ts'
import { type Section, sections, summaryTypes } from './sections.ts'

const ips = 'http://hl7.org/fhir/uv/ips'
const bundleProfile = `${ips}/StructureDefinition/Bundle-uv-ips`

/**
 * `$summary`: the International Patient Summary of a person as a document. It speaks from everything held about the person,
 * whoever sent it: an allergy that one source alone knows of must not be missing.
 */
export const summary: FhirOperation = {
  name: 'summary',
  definition: `${ips}/OperationDefinition/summary`,
  levels: ['type', 'instance'],
  types: ['Patient'],
  affectsState: false,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const declared = { identifier: { type: 'string' }, profile: { type: 'canonical' } } as const
  const { identifier, profile } = givenParameters(invocation, declared)
  if (profile !== undefined && profile !== bundleProfile)
    throw problem('invalid', `The only profile of summary here is ${bundleProfile}`, { expression: 'profile' })
  const id = invocation.id ?? (await patientBy(ctx, identifier))
  const { person } = await homeOf(ctx, 'Patient', id)
  const rows = await recordOf(ctx, person)
  const patients = rows.filter((each) => each.type === 'Patient')
  const parts = sections.map((section) =>
    partOf(
      section,
      rows.filter((each) => each.type !== 'Patient'),
      id,
    ),
  )
  const shown = [
    ...new Map(parts.flatMap(({ found }) => found).map((each) => [`${each.type}/${each.id}`, each])).values(),
  ]
  const names = new Set<string>()
  for (const each of [...patients, ...shown]) addReferences(each.body, names)
  const known = new Set([...patients, ...shown].map((each) => `${each.type}/${each.id}`))
  const seen = sql`(r.person = 0 or (r.person = ${person}::int8 and r.author <> 'Linchpin' and ${visible(ctx.actor, person)}))`
  const brought = await readReferenced(ctx.store.database.reading, names, known, { personal: seen, wanted: sql`true` })
  const ordered = [...patients.toSorted((a, b) => Number(b.id === id) - Number(a.id === id)), ...shown, ...brought]
  await auditReturned(ctx, 'read', ordered, `Patient/${id}`)
  return jsonAnswer(200, documentText(ctx, invocation, { id, parts, ordered }))
}

async function patientBy(ctx: Context, identifier: string | undefined): Promise<string> {
  if (identifier === undefined)
    throw problem('invalid', 'Say whose summary: "identifier"', { expression: 'identifier' })
  const query = parseSearch('Patient', new URLSearchParams({ identifier }).toString())
  const found = await ctx.store.database.transaction(async (connection) => {
    const where = await filterCondition({ connection, visible: visible(ctx.actor), codes: noCodes }, query)
    const rows = await connection.query(
      sql`select r.rtype, r.person, r.id, r.ver, r.body from res r where ${where} order by r.id limit 50`,
    )
    return rows.map(foundIn)
  })
  const [first] = found
  if (first !== undefined && found.every((each) => each.person === first.person)) return first.id
  await auditReturned(ctx, 'read', [], 'Patient')
  throw first === undefined
    ? problem('not-found', 'No patient has this identifier')
    : problem('rule', 'Several people have this identifier', { expression: 'identifier' })
}

async function recordOf(ctx: Context, person: bigint): Promise<readonly Found[]> {
  const types = ['Patient', ...summaryTypes].map((type) => typeNumber(type) ?? 0)
  const rows = await ctx.store.database.search(
    sql`select r.rtype, r.person, r.id, r.ver, r.body from res r
        where r.person = ${person}::int8 and r.rtype = any(${int2Array(types)}::int2[]) and r.author <> 'Linchpin' and ${visible(ctx.actor, person)}
        order by r.date desc nulls last, r.rtype, r.id`,
  )
  return rows.map(foundIn)
}

interface Part {
  readonly section: Section
  readonly found: readonly Found[]
  /** What stands for a required section of which nothing is known. */
  readonly absent?: { readonly fullUrl: string; readonly resource: object }
}

function partOf(section: Section, rows: readonly Found[], id: string): Part {
  const taken = rows.filter((each) => section.takes(resourceIn(each.body)))
  const found = section.newestOfKind === true ? kindsOf(taken).flatMap((kind) => kind.slice(0, 1)) : taken
  const { required } = section
  if (found.length > 0 || required === undefined) return { section, found }
  const { code, display, sentence } = required
  const concept = { coding: [{ system: `${ips}/CodeSystem/absent-unknown-uv-ips`, code, display }], text: display }
  const resource = {
    ...required.resource(concept, { reference: `Patient/${id}` }),
    text: { status: 'generated', div: sentenceNarrative(sentence) },
  }
  return { section, found, absent: { fullUrl: `urn:uuid:${derivedUuid(`${code} ${id}`)}`, resource } }
}

interface Document {
  readonly id: string
  readonly parts: readonly Part[]
  readonly ordered: readonly Found[]
}

function documentText(ctx: Context, { request }: Invocation, { id, parts, ordered }: Document): string {
  const now = ctx.clock.now().toString({ smallestUnit: 'millisecond' })
  const versions = ordered.map((each) => `${each.type}/${each.id}/${each.version}`).join(' ')
  const author = { fullUrl: `urn:uuid:${derivedUuid('Linchpin')}`, resource: device }
  const composition = {
    resourceType: 'Composition',
    meta: { profile: [`${ips}/StructureDefinition/Composition-uv-ips`] },
    text: {
      status: 'generated',
      div: sentenceNarrative('International Patient Summary, made from the record as it stands.'),
    },
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '60591-5', display: 'Patient summary Document' }] },
    subject: { reference: `Patient/${id}` },
    date: now,
    author: [{ reference: author.fullUrl, display: 'Linchpin' }],
    title: 'International Patient Summary',
    section: parts.filter(({ found, absent }) => found.length > 0 || absent !== undefined).map(sectionOf),
  }
  const head = { resourceType: 'Bundle', meta: { profile: [bundleProfile] } }
  const name = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${derivedUuid(versions)}` }
  const generated = [author, ...parts.flatMap(({ absent }) => absent ?? [])].map((each) => JSON.stringify(each))
  const stored = ordered.map((each) => `{"fullUrl":"${request.base}/${each.type}/${each.id}","resource":${each.body}}`)
  const first = JSON.stringify({ fullUrl: `urn:uuid:${derivedUuid(`composition ${versions}`)}`, resource: composition })
  const rest = JSON.stringify({ ...head, identifier: name, type: 'document', timestamp: now })
  return `${rest.slice(0, -1)},"entry":[${[first, ...stored, ...generated].join(',')}]}`
}

/** Who made the summary: no person, and it says so. */
const device = { resourceType: 'Device', deviceName: [{ name: 'Linchpin', type: 'manufacturer-name' }] }

function sectionOf({ section, found, absent }: Part): object {
  const div =
    absent === undefined
      ? listNarrative(found.map((each) => resourceIn(each.body)))
      : sentenceNarrative(section.required?.sentence ?? '')
  const entries = found.map((each) => ({ reference: `${each.type}/${each.id}` }))
  return {
    title: section.title,
    code: { coding: [{ system: 'http://loinc.org', code: section.code, display: section.display }] },
    text: { status: 'generated', div },
    entry: absent === undefined ? entries : [{ reference: absent.fullUrl }],
  }
}
