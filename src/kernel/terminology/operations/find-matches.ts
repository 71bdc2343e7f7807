import { problem } from '../../../base/problem.ts'
import { join, sql } from '../../../base/sql.ts'
import type { Context } from '../../access/context.ts'
import type { FhirOperation } from '../../rest/operation.ts'
import { givenParameters, parametersAnswer, type Returned } from '../../rest/parameters.ts'
import { text } from '../../store/current.ts'
import type { CodeSource } from '../code-source.ts'
import { conceptDetail } from '../concept-detail.ts'
import { tooCostly } from '../limits.ts'
import { filtered } from '../listed-filter.ts'
import { askInTime } from '../release-codes.ts'
import { askedSystem } from './code-system.ts'

const parameters = {
  system: { type: 'uri' },
  version: { type: 'string' },
  exact: { type: 'boolean', required: true },
  compositional: { type: 'boolean' },
  property: {
    type: 'parts',
    many: true,
    parts: { code: { type: 'code', required: true }, value: { type: 'code', required: true } },
  },
} as const

/** FHIR `$find-matches`: the codes that have given properties. */
export const findMatchesOperation: FhirOperation = {
  name: 'find-matches',
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-find-matches',
  levels: ['system', 'type', 'instance'],
  types: ['CodeSystem'],
  affectsState: false,
  async run(ctx, invocation) {
    const { system, version, exact, compositional, property } = givenParameters(invocation, parameters)
    if (property.length === 0) throw problem('invalid', 'Say which properties are meant', { expression: 'property' })
    if (compositional === true)
      throw problem('rule', 'Codes are not put together here: ask with compositional=false', {
        expression: 'compositional',
      })
    const source = await askedSystem(ctx, invocation, system, version)
    const found = await withProperties(ctx, source, property)
    if (found.length > mostMatches)
      throw tooCostly(`More than ${mostMatches} codes have these properties: ask for more of them`)
    // Exact: all of the code's own properties were asked for; else what was not asked about is told beside it.
    const matches = await Promise.all(found.map((code) => match(ctx, source, code, property)))
    return parametersAnswer(matches.filter(({ rest }) => !exact || rest === 0).map(({ returned }) => returned))
  },
}

type Wanted = readonly { readonly code: string; readonly value: string }[]
const mostMatches = 100

async function withProperties(ctx: Context, source: CodeSource, wanted: Wanted): Promise<readonly string[]> {
  if (source.kind === 'grammar') throw problem('rule', `${source.url} has no properties`, { expression: 'system' })
  if (source.kind === 'listed') {
    const sets = wanted.map(({ code, value }) => filtered(source, { property: code, op: '=', value }))
    const first = [...(sets[0] ?? [])].filter((concept) => sets.every((set) => set.has(concept)))
    return first.slice(0, mostMatches + 1).map(({ code }) => code)
  }
  const conditions = wanted.map(
    ({ code, value }) =>
      sql`exists (select 1 from term_property p where p.concept = c.n and p.property = ${code} and p.value = ${value})`,
  )
  const rows = await askInTime(
    ctx.store.database,
    sql`select c.code from term_concept c where c.release = ${source.release}::int4 and c.active and ${join(conditions, ' and ')} order by c.code limit ${mostMatches + 1}`,
  )
  return rows.map((row) => text(row, 'code'))
}

/** Properties that every concept has, whatever it means. */
const structural: ReadonlySet<string> = new Set(['parent', 'child', 'inactive', 'status', 'effectiveTime', 'moduleId'])

async function match(
  ctx: Context,
  source: CodeSource,
  code: string,
  wanted: Wanted,
): Promise<{ readonly rest: number; readonly returned: Returned }> {
  const detail = await conceptDetail(ctx.store.database, source, code)
  const rest = (detail?.properties ?? []).filter(
    (each) =>
      !structural.has(each.code) && !wanted.some(({ code: name, value }) => name === each.code && value === each.value),
  )
  const display = detail?.display === undefined ? {} : { display: detail.display }
  const unmatched = rest.map((each) => ({
    name: 'unmatched',
    part: [
      { name: 'code', valueCode: each.code },
      { name: 'value', valueString: each.value },
    ],
  }))
  return {
    rest: rest.length,
    returned: {
      name: 'match',
      part: [{ name: 'code', valueCoding: { system: source.url, code, ...display } }, ...unmatched],
    },
  }
}
