import { isObject, members, parseJson } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { visible } from '../access/visible.ts'
import { type FhirAnswer, jsonAnswer } from '../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../rest/operation.ts'
import { noCodes } from '../search/code-source.ts'
import { filterCondition } from '../search/filter-condition.ts'
import { foundIn } from '../search/include.ts'
import { parseSearch, type SearchQuery } from '../search/query.ts'
import type { Found } from '../search/search.ts'
import { subsetOf } from '../search/subset.ts'
import { anySystemToken } from '../search/token.ts'
import { int8Array } from '../store/wire.ts'
import { auditReturned } from './audit-found.ts'
import { searchSetText } from './search-set.ts'

/** `$lastn`: the newest observations of each kind, as a search for one subject finds them. */
export const lastn: FhirOperation = {
  name: 'lastn',
  definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn',
  levels: ['type'],
  types: ['Observation'],
  affectsState: false,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const { max, query, text } = askedFor(invocation)
  const rows = await matches(ctx, query)
  const found = kindsOf(rows).flatMap((kind) => kind.slice(0, max))
  await auditReturned(ctx, 'search', found, 'Observation')
  const { base } = invocation.request
  const subset = subsetOf('Observation', query)
  return jsonAnswer(
    200,
    searchSetText(base, `${base}/Observation/$lastn?${text}`, found, ({ body }) => subset(body)),
  )
}

interface Asked {
  readonly max: number
  readonly query: SearchQuery
  readonly text: string
}

/** R4 lastn: the parameters are those of a search on Observation, and `max`. */
function askedFor({ request }: Invocation): Asked {
  const all = new URLSearchParams([...new URLSearchParams(request.query), ...bodyParameters(request.body)])
  const text = all.toString()
  const most = all.getAll('max')
  all.delete('max')
  const max = most[0] ?? '1'
  if (most.length > 1 || !/^[1-9]\d{0,5}$/.test(max))
    throw problem('invalid', '"max" is a whole number from 1, given once', { expression: 'max' })
  const query = parseSearch('Observation', all.toString())
  const subject = query.criteria.some(({ parameter }) => ['patient', 'subject'].includes(parameter.code))
  if (!subject && !query.joined.some((each) => each.kind === 'chain' && ['patient', 'subject'].includes(each.code)))
    throw problem('invalid', 'Say whose observations: "patient" or "subject"', { expression: 'subject' })
  const unused = ['_sort', '_cursor', '_count', '_include', '_revinclude', '_total'].find((name) => all.has(name))
  if (unused !== undefined) throw problem('invalid', `"${unused}" has no use in $lastn`, { expression: unused })
  return { max: Number(max), query, text }
}

function bodyParameters(body: string): readonly [string, string][] {
  if (body === '') return []
  const parsed = parseJson(body, 'The body')
  if (!isObject(parsed) || parsed['resourceType'] !== 'Parameters')
    throw problem('invalid', 'The body must be a Parameters resource', { expression: 'resourceType' })
  const list: readonly unknown[] = Array.isArray(parsed['parameter']) ? parsed['parameter'] : []
  return list.map((each, index) => {
    const [, value] = isObject(each) ? (Object.entries(each).find(([key]) => key.startsWith('value')) ?? []) : []
    if (!isObject(each) || !(typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'))
      throw problem('invalid', 'Each parameter is a search parameter with a simple value', {
        expression: `Parameters.parameter[${index}]`,
      })
    return [String(each['name']), String(value)]
  })
}

const mostLookedAt = 20_000

/** What was entered in error is no observation (R4 Observation.status), unless the caller asks by status. */
const mistaken = int8Array([anySystemToken('Observation.status', 'entered-in-error')])

async function matches(ctx: Context, query: SearchQuery): Promise<readonly Found[]> {
  const byStatus = query.criteria.some(({ parameter }) => parameter.code === 'status')
  const real = byStatus ? sql`true` : sql`not r.toks && ${mistaken}::int8[]`
  return ctx.store.database.transaction(async (connection) => {
    const where = await filterCondition({ connection, visible: visible(ctx.actor), codes: noCodes }, query)
    const rows = await connection.query(
      sql`select r.rtype, r.person, r.id, r.ver, r.body from res r where ${where} and ${real}
          order by r.date desc nulls last, r.updated desc, r.id limit ${mostLookedAt + 1}::int4`,
    )
    if (rows.length > mostLookedAt)
      throw problem('invalid', `More than ${mostLookedAt} observations match. Add a code or a category.`, {
        expression: 'code',
      })
    return rows.map(foundIn)
  })
}

/** Observations of one kind, in the order they come: they share a coding, directly or through others; without codings, the text of the code. */
export function kindsOf(rows: readonly Found[]): readonly (readonly Found[])[] {
  const parents = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    for (let next = parents.get(at); next !== undefined && next !== at; next = parents.get(at)) at = next
    return at
  }
  const named = rows.map((found) => ({ found, names: codesOf(found.body) }))
  for (const { names } of named)
    for (const name of names) {
      if (!parents.has(name)) parents.set(name, name)
      parents.set(root(name), root(names[0] ?? name))
    }
  const kinds = new Map<string, Found[]>()
  for (const { found, names } of named) {
    const kind = root(names[0] ?? '')
    const list = kinds.get(kind)
    if (list === undefined) kinds.set(kind, [found])
    else list.push(found)
  }
  return [...kinds.values()]
}

function codesOf(body: string): readonly string[] {
  const span = members(body, 0, ['code']).find((member) => member.key === 'code')
  const code = span === undefined ? {} : parseJson(body.slice(span.start, span.end), 'A stored resource')
  if (!isObject(code)) return []
  const codings: readonly unknown[] = Array.isArray(code['coding']) ? code['coding'] : []
  const names = codings
    .filter(isObject)
    .flatMap(({ system, code: of }) => (of === undefined ? [] : [JSON.stringify([system, of])]))
  return names.length > 0 ? names : [JSON.stringify(code['text'])]
}
