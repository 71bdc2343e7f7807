import type { Coding, Observation, Quantity } from 'fhir/r4.js'
import { problem } from '../../../base/problem.ts'
import { sql } from '../../../base/sql.ts'
import type { Context } from '../../access/context.ts'
import { visible } from '../../access/visible.ts'
import type { FhirAnswer } from '../../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { type Given, givenParameters, parametersAnswer } from '../../rest/parameters.ts'
import { noCodes } from '../../search/code-source.ts'
import { instantText } from '../../search/date-range.ts'
import { filterCondition } from '../../search/filter-condition.ts'
import { foundIn } from '../../search/include.ts'
import { parseSearch } from '../../search/query.ts'
import type { Found } from '../../search/search.ts'
import { anySystemToken } from '../../search/token.ts'
import { int8Array } from '../../store/wire.ts'
import { auditReturned } from '../audit-found.ts'
import { counts, statistics } from './statistics.ts'

const parameters = {
  subject: { type: 'uri', required: true },
  code: { type: 'string', many: true },
  system: { type: 'uri' },
  coding: { type: 'Coding', many: true },
  duration: { type: 'decimal' },
  period: { type: 'Period' },
  statistic: { type: 'code', required: true, many: true },
  include: { type: 'boolean' },
  limit: { type: 'positiveInt' },
} as const

type Asked = Given<typeof parameters>

/** `$stats`: figures over the observations of one subject, for each code and each unit apart: units are never mixed. */
export const stats: FhirOperation = {
  name: 'stats',
  definition: 'http://hl7.org/fhir/OperationDefinition/Observation-stats',
  levels: ['type'],
  types: ['Observation'],
  affectsState: false,
  run: answer,
}

async function answer(ctx: Context, invocation: Invocation): Promise<FhirAnswer> {
  const asked = givenParameters(invocation, parameters)
  for (const name of asked.statistic)
    if (!Object.hasOwn(statistics, name) && !Object.hasOwn(counts, name))
      throw problem('invalid', `"${name.slice(0, 40)}" is not a statistic that is made here`, {
        expression: 'statistic',
      })
  const window = windowOf(ctx, asked)
  const all: { readonly coding: Coding; readonly found: readonly Found[] }[] = []
  for (const coding of codingsOf(asked))
    all.push({ coding, found: await observationsOf(ctx, asked.subject, coding, window) })
  const sources = [...new Map(all.flatMap(({ found }) => found).map((each) => [each.id, each])).values()]
  await auditReturned(ctx, 'search', sources, 'Observation')
  const made = all.flatMap(({ coding, found }) => figures(asked, coding, found, window))
  const kept = asked.include === true ? sources.slice(0, asked.limit ?? sources.length) : []
  return parametersAnswer([
    ...made.map((each) => ({ name: 'statistics', body: JSON.stringify(each) })),
    ...kept.map(({ body }) => ({ name: 'source', body })),
  ])
}

/** R4 stats: codes with one system for all, or codings. */
function codingsOf({ code, system, coding }: Asked): readonly Coding[] {
  const plain = code.flatMap((each) => each.split(',')).filter((each) => each !== '')
  if (plain.length > 0 && system === undefined)
    throw problem('invalid', '"code" needs the "system" that it is of', { expression: 'system' })
  const all = [...plain.map((each) => ({ ...(system === undefined ? {} : { system }), code: each })), ...coding]
  if (all.length === 0)
    throw problem('invalid', 'Say what is measured: "code" and "system", or "coding"', { expression: 'code' })
  if (all.length > mostCodes) throw problem('invalid', `At most ${mostCodes} codes at once`, { expression: 'code' })
  return all
}

const mostCodes = 50

interface Window {
  readonly start?: string
  readonly end?: string
}

/** A duration in hours up to now, or a period; R4 lets a caller give one of them. */
function windowOf(ctx: Context, { duration, period }: Asked): Window {
  if (duration !== undefined && period !== undefined)
    throw problem('invalid', 'Give "duration" or "period", not both', { expression: 'duration' })
  if (duration === undefined)
    return {
      ...(period?.start === undefined ? {} : { start: period.start }),
      ...(period?.end === undefined ? {} : { end: period.end }),
    }
  if (duration <= 0 || duration > mostHours)
    throw problem('invalid', '"duration" is a number of hours above 0', { expression: 'duration' })
  const now = ctx.clock.now().epochMilliseconds
  return { start: instantText(Math.round(now - duration * 3_600_000)), end: instantText(now) }
}

const mostHours = 24 * 366 * 200
const mostLookedAt = 20_000
const mistaken = int8Array(['entered-in-error', 'cancelled'].map((code) => anySystemToken('Observation.status', code)))

async function observationsOf(
  ctx: Context,
  subject: string,
  coding: Coding,
  { start, end }: Window,
): Promise<readonly Found[]> {
  const query = new URLSearchParams({ subject, code: `${escaped(coding.system ?? '')}|${escaped(coding.code ?? '')}` })
  if (start !== undefined) query.append('date', `ge${start}`)
  if (end !== undefined) query.append('date', `le${end}`)
  return ctx.store.database.transaction(async (connection) => {
    const where = await filterCondition(
      { connection, visible: visible(ctx.actor), codes: noCodes },
      parseSearch('Observation', query.toString()),
    )
    const rows = await connection.query(
      sql`select r.rtype, r.person, r.id, r.ver, r.body from res r where ${where} and not r.toks && ${mistaken}::int8[]
          order by r.date desc nulls last, r.id limit ${mostLookedAt + 1}::int4`,
    )
    if (rows.length > mostLookedAt)
      throw problem('rule', `More than ${mostLookedAt} observations of one code. Choose a shorter period.`, {
        expression: 'period',
      })
    return rows.map(foundIn)
  })
}

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&')

interface Measured {
  readonly unit: Pick<Quantity, 'unit' | 'system' | 'code'>
  readonly values: number[]
}

/** One observation of figures for each unit. A value such as "less than 5" is no number: it counts among all, not among those measured. */
function figures(asked: Asked, coding: Coding, found: readonly Found[], window: Window): readonly Observation[] {
  const byUnit = new Map<string, Measured>()
  for (const { body } of found) {
    const quantity = (JSON.parse(body) as Observation).valueQuantity
    if (quantity?.value === undefined || quantity.comparator !== undefined) continue
    const { unit, system, code } = quantity
    const key = JSON.stringify(code === undefined ? [unit] : [system, code])
    const measured = byUnit.get(key) ?? { unit: definedOf({ unit, system, code }), values: [] }
    measured.values.push(quantity.value)
    byUnit.set(key, measured)
  }
  const all = byUnit.size === 0 ? [{ unit: {}, values: [] }] : [...byUnit.values()]
  return all.map(({ unit, values }) => observationOf(asked, coding, { unit, values, total: found.length, window }))
}

const definedOf = (unit: { readonly [name: string]: string | undefined }): Measured['unit'] =>
  Object.fromEntries(Object.entries(unit).filter(([, value]) => value !== undefined))

interface Figures extends Measured {
  readonly total: number
  readonly window: Window
}

function observationOf(asked: Asked, coding: Coding, { unit, values, total, window }: Figures): Observation {
  const sorted = values.toSorted((a, b) => a - b)
  const component = [...new Set(asked.statistic)].map((name) => {
    const isCount = Object.hasOwn(counts, name)
    const value = isCount ? (name === 'count' ? sorted.length : total) : statistics[name]?.of(sorted)
    const display = counts[name] ?? statistics[name]?.display ?? name
    const code = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-statistics', code: name, display }],
    }
    if (value === undefined) return { code, dataAbsentReason: tooFew }
    return { code, valueQuantity: { value, ...(isCount ? {} : unit) } }
  })
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [coding] },
    subject: { reference: asked.subject },
    ...(window.start === undefined && window.end === undefined ? {} : { effectivePeriod: window }),
    component,
  }
}

const tooFew = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-applicable' }],
  text: 'There are too few values',
}
