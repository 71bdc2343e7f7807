import { problem } from '../../../base/problem.ts'
import type { FhirOperation } from '../../rest/operation.ts'
import { type Given, givenParameters, parametersAnswer, type Returned } from '../../rest/parameters.ts'
import { type ConceptDetail, conceptDetail, type Property, subsumption } from '../concept-detail.ts'
import { displayIn } from '../listed-entry.ts'
import { askedSystem, noSuchCode } from './code-system.ts'
import { languagesOf } from './expand.ts'

const parameters = {
  code: { type: 'code' },
  system: { type: 'uri' },
  version: { type: 'string' },
  coding: { type: 'Coding' },
  displayLanguage: { type: 'code' },
  property: { type: 'code', many: true },
} as const

/** FHIR `$lookup`: what a code means, in which words, and its properties. */
export const lookupOperation: FhirOperation = {
  name: 'lookup',
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup',
  levels: ['system', 'type', 'instance'],
  types: ['CodeSystem'],
  affectsState: false,
  async run(ctx, invocation) {
    const given = givenParameters(invocation, parameters)
    const code = given.code ?? given.coding?.code
    if (code === undefined) throw problem('invalid', 'Say which code is meant', { expression: 'code' })
    const source = await askedSystem(
      ctx,
      invocation,
      given.system ?? given.coding?.system,
      given.version ?? given.coding?.version,
    )
    const found = await conceptDetail(ctx.store.database, source, code)
    if (found === undefined) throw noSuchCode(source, code)
    return parametersAnswer([
      { name: 'name', valueString: source.name },
      ...(source.version === '' ? [] : [{ name: 'version', valueString: source.version }]),
      ...described(found, given),
    ])
  },
}

const kinds: Readonly<Record<string, (value: string) => Partial<Returned>>> = {
  code: (value) => ({ valueCode: value }),
  boolean: (value) => ({ valueBoolean: value === 'true' }),
  integer: (value) => ({ valueInteger: Number(value) }),
  decimal: (value) => ({ valueDecimal: Number(value) }),
  dateTime: (value) => ({ valueDateTime: value }),
}

function described(found: ConceptDetail, given: Given<typeof parameters>): Returned[] {
  const wanted = new Set(given.property)
  const shows = (name: string): boolean => wanted.size === 0 || wanted.has(name) || wanted.has('*')
  const display = displayIn(languagesOf(given.displayLanguage), found.designations) ?? found.display
  const languages = given.property.filter((each) => each.startsWith('lang.')).map((each) => each.slice(5))
  const designations = found.designations.filter(
    ({ language }) => shows('designation') || languages.includes(language ?? ''),
  )
  return [
    { name: 'display', valueString: display ?? found.code },
    ...designations.map(({ language, use, value }) => ({
      name: 'designation',
      part: [
        ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
        ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
        { name: 'value', valueString: value },
      ],
    })),
    ...(found.definition !== undefined && shows('definition')
      ? [returnedProperty({ code: 'definition', value: found.definition, kind: 'string' })]
      : []),
    ...(found.abstract && shows('abstract')
      ? [returnedProperty({ code: 'abstract', value: 'true', kind: 'boolean' })]
      : []),
    ...found.properties.filter(({ code }) => shows(code)).map(returnedProperty),
  ]
}

const returnedProperty = ({ code, value, kind }: Property): Returned => ({
  name: 'property',
  part: [
    { name: 'code', valueCode: code },
    { name: 'value', ...(kinds[kind]?.(value) ?? { valueString: value }) },
  ],
})

const subsumesParameters = {
  codeA: { type: 'code' },
  codeB: { type: 'code' },
  system: { type: 'uri' },
  version: { type: 'string' },
  codingA: { type: 'Coding' },
  codingB: { type: 'Coding' },
} as const

/** FHIR `$subsumes`: whether one code is a kind of another. */
export const subsumesOperation: FhirOperation = {
  name: 'subsumes',
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes',
  levels: ['system', 'type', 'instance'],
  types: ['CodeSystem'],
  affectsState: false,
  async run(ctx, invocation) {
    const given = givenParameters(invocation, subsumesParameters)
    const a = given.codeA ?? given.codingA?.code
    const b = given.codeB ?? given.codingB?.code
    if (a === undefined || b === undefined)
      throw problem('invalid', 'Two codes are needed: codeA and codeB, or codingA and codingB', { expression: 'codeA' })
    const named = new Set([given.system, given.codingA?.system, given.codingB?.system].filter(Boolean))
    if (named.size > 1) throw problem('invalid', 'Both codes must be of the same system', { expression: 'codingB' })
    const source = await askedSystem(ctx, invocation, [...named][0], given.version ?? given.codingA?.version)
    const outcome = await subsumption(ctx.store.database, source, a, b)
    if (outcome === undefined)
      throw noSuchCode(source, (await conceptDetail(ctx.store.database, source, a)) === undefined ? a : b)
    return parametersAnswer([{ name: 'outcome', valueCode: outcome }])
  },
}
