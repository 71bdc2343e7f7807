import type { Coding } from 'fhir/r4.js'
import { problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import type { FhirAnswer } from '../../rest/exchange.ts'
import type { FhirOperation, Invocation } from '../../rest/operation.ts'
import { type Given, givenParameters, parametersAnswer } from '../../rest/parameters.ts'
import type { CodeSource } from '../code-source.ts'
import { type ConceptDetail, conceptDetail } from '../concept-detail.ts'
import type { Composed } from '../engine.ts'
import { wordsOf } from '../words.ts'
import { askedValueSet, valueSetParameters } from './asked-value-set.ts'
import { askedSystem } from './code-system.ts'

const codeParameters = {
  code: { type: 'code' },
  system: { type: 'uri' },
  systemVersion: { type: 'string' },
  version: { type: 'string' },
  display: { type: 'string' },
  coding: { type: 'Coding' },
  codeableConcept: { type: 'CodeableConcept' },
  abstract: { type: 'boolean' },
  displayLanguage: { type: 'code' },
} as const

const parameters = { ...valueSetParameters, ...codeParameters } as const
type Asked = Given<typeof parameters>

/** FHIR `$validate-code`: whether a code is in a value set, or in a code system, and its display right. */
export const validateCodeOperation: FhirOperation = {
  name: 'validate-code',
  definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code',
  levels: ['type', 'instance'],
  types: ['ValueSet', 'CodeSystem'],
  affectsState: false,
  async run(ctx, invocation) {
    const given = givenParameters(invocation, parameters)
    const codings = codingsOf(given)
    const check =
      invocation.type === 'CodeSystem'
        ? (coding: Coding) => inSystem(ctx, invocation, given, coding)
        : await inValueSet(ctx, invocation, given)
    const verdicts = await Promise.all(codings.map(check))
    return answer(verdicts)
  },
}

interface Verdict {
  readonly result: boolean
  readonly message?: string
  readonly display?: string
}

/** The codes that are asked about: one of them must be right. */
function codingsOf({
  code,
  system,
  systemVersion,
  version,
  display,
  coding,
  codeableConcept,
}: Asked): readonly Coding[] {
  if (coding !== undefined) return [coding]
  if (codeableConcept !== undefined) return codeableConcept.coding ?? []
  if (code === undefined)
    throw problem('invalid', 'Say which code is meant: code, coding or codeableConcept', { expression: 'code' })
  const given = { system, version: systemVersion ?? version, display }
  return [{ code, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }]
}

function answer(verdicts: readonly Verdict[]): FhirAnswer {
  const best = verdicts.find(({ result }) => result) ??
    verdicts[0] ?? { result: false, message: 'There is no code to check' }
  const messages = best.result ? [best.message] : verdicts.map(({ message }) => message)
  const message = [...new Set(messages.filter((each) => each !== undefined))].join('; ') || best.message
  return parametersAnswer([
    { name: 'result', valueBoolean: best.result },
    ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
    ...(best.display === undefined ? [] : [{ name: 'display', valueString: best.display }]),
  ])
}

async function inSystem(ctx: Context, invocation: Invocation, given: Asked, coding: Coding): Promise<Verdict> {
  const source = await askedSystem(ctx, invocation, given.url ?? coding.system, coding.version ?? given.version)
  if (coding.system !== undefined && coding.system !== source.url)
    return { result: false, message: `${coding.system} is not ${source.url}` }
  const found = await conceptDetail(ctx.store.database, source, coding.code ?? '')
  if (found !== undefined) return displayed(found, coding)
  const partial = source.kind === 'listed' && !source.complete
  const why = partial ? `not checked: only some codes of ${source.url} are here` : `not in ${source.url}`
  return { result: false, message: `The code "${coding.code ?? ''}" is ${why}` }
}

async function inValueSet(
  ctx: Context,
  invocation: Invocation,
  given: Asked,
): Promise<(coding: Coding) => Promise<Verdict>> {
  const composed = await askedValueSet(ctx, invocation, given)
  const name = composed.valueSet.url ?? composed.valueSet.name ?? 'the value set'
  return async (coding) => {
    const { code = '', version } = coding
    const system = coding.system ?? onlySystem(composed, code)
    const { terminology } = ctx.store
    const asked = { code, ...(system === undefined ? {} : { system }) }
    const member = await terminology.memberOf(composed.groups, asked)
    const source = system === undefined ? undefined : await sourceFor(ctx, composed, system, version)
    const found = source === undefined ? undefined : await conceptDetail(ctx.store.database, source, code)
    const shown = system === undefined ? code : `${system}#${code}`
    if (member === 'not-checked') return { result: false, message: notChecked(composed, shown) }
    const refused = (why: string): Verdict => ({
      result: false,
      message: `The code "${shown}" ${why}`,
      ...displayOf(found),
    })
    if (member === 'no')
      return refused(
        `is not in ${name}${source !== undefined && found === undefined ? `; ${source.url} does not have it` : ''}`,
      )
    if (found?.abstract === true && given.abstract !== true) return refused('only groups others and cannot be chosen')
    return displayed(found, coding, ownDisplay(composed, system, code))
  }
}

function notChecked({ groups }: Composed, shown: string): string {
  const unknown = groups.find((group) => group.kind === 'unknown')
  const reason = unknown?.kind === 'unknown' ? unknown.reason : 'only some codes of its system are here'
  return `The code "${shown}" could not be checked: ${reason}`
}

/** The display that the value set itself gives a code. */
function ownDisplay({ groups }: Composed, system: string | undefined, code: string): string | undefined {
  for (const group of groups)
    if (group.kind === 'listed' && group.system === system && group.members.get(code)?.display !== undefined)
      return group.members.get(code)?.display
  return undefined
}

const displayOf = (found: ConceptDetail | undefined): { readonly display?: string } =>
  found?.display === undefined ? {} : { display: found.display }

/** The system of a code that came without: the only one of the value set that can have it. */
function onlySystem({ groups }: Composed, code: string): string | undefined {
  const systems = new Set(groups.map(({ system }) => system))
  if (systems.size === 1) return [...systems][0]
  const having = groups.filter((group) => group.kind === 'listed' && group.members.has(code))
  return having.length === 1 ? having[0]?.system : undefined
}

const sourceFor = (
  ctx: Context,
  { groups }: Composed,
  system: string,
  version: string | undefined,
): Promise<CodeSource | undefined> => {
  const group = groups.find((each) => each.kind !== 'unknown' && each.system === system)
  const used = group === undefined || group.kind === 'unknown' ? undefined : group.version || undefined
  return ctx.store.terminology.sources.find(system, version ?? used)
}

/** A display that is none of the terms of its code is reported, and makes the answer false (R4, ValueSet $validate-code). */
function displayed(found: ConceptDetail | undefined, coding: Coding, own?: string): Verdict {
  const display = own ?? found?.display
  const shown = display === undefined ? {} : { display }
  const terms = [own, found?.display, ...(found?.designations ?? []).map(({ value }) => value)].filter(
    (each) => each !== undefined,
  )
  const same = (a: string, b: string): boolean => wordsOf(a).join(' ') === wordsOf(b).join(' ')
  if (coding.display === undefined || terms.length === 0 || terms.some((term) => same(term, coding.display ?? '')))
    return found?.inactive === true
      ? { result: true, message: `The code "${found.code}" is no longer used`, ...shown }
      : { result: true, ...shown }
  return {
    result: false,
    message: `"${coding.display}" is not a display of ${coding.code ?? ''}: it is "${display ?? ''}"`,
    ...shown,
  }
}
