import { randomUUID } from 'node:crypto'
import type { ValueSet, ValueSetExpansionParameter } from 'fhir/r4.js'
import { problem } from '../../../base/problem.ts'
import type { Context } from '../../access/context.ts'
import { type FhirAnswer, jsonAnswer } from '../../rest/exchange.ts'
import type { FhirOperation } from '../../rest/operation.ts'
import { type Given, givenParameters } from '../../rest/parameters.ts'
import type { Composed } from '../engine.ts'
import { type ExpansionWish, expand } from '../expansion.ts'
import { askedValueSet, valueSetParameters } from './asked-value-set.ts'

const parameters = {
  ...valueSetParameters,
  filter: { type: 'string' },
  offset: { type: 'integer' },
  count: { type: 'integer' },
  includeDesignations: { type: 'boolean' },
  designation: { type: 'string', many: true },
  includeDefinition: { type: 'boolean' },
  activeOnly: { type: 'boolean' },
  excludeNested: { type: 'boolean' },
  excludeNotForUI: { type: 'boolean' },
  // Kept whatever it says: no expansion here holds expressions.
  excludePostCoordinated: { type: 'boolean' },
  displayLanguage: { type: 'string' },
  'exclude-system': { type: 'canonical', many: true },
  property: { type: 'string', many: true },
} as const

/** FHIR `$expand`: the codes of a value set, all, by pages, or those that match what a person typed. */
export const expandOperation: FhirOperation = {
  name: 'expand',
  definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
  levels: ['system', 'type', 'instance'],
  types: ['ValueSet'],
  affectsState: false,
  async run(ctx, invocation) {
    const given = givenParameters(invocation, parameters, { bare: 'valueSet' })
    const wish = wishOf(given)
    const composed = await askedValueSet(ctx, invocation, given)
    return answer(ctx, composed, given, wish)
  },
}

type Asked = Given<typeof parameters>

function wishOf(given: Asked): ExpansionWish {
  for (const name of ['offset', 'count'] as const)
    if ((given[name] ?? 0) < 0) throw problem('invalid', `"${name}" must not be negative`, { expression: name })
  return {
    filter: given.filter,
    offset: given.offset ?? 0,
    count: given.count,
    activeOnly: given.activeOnly === true,
    // Flat unless it is asked for: pages and searches are lists, and so is what a picker shows.
    nested: given.excludeNested === false && given.filter === undefined,
    selectableOnly: given.excludeNotForUI === true,
    excludedSystems: new Set(given['exclude-system'].map((each) => each.replace(/\|.*$/s, ''))),
    designations: given.includeDesignations === true || given.designation.length > 0,
    designationKinds: given.designation,
    definition: given.includeDefinition === true,
    properties: given.property,
    languages: languagesOf(given.displayLanguage),
  }
}

/** `cy, en-GB;q=0.8`: the languages in the order of preference. */
export function languagesOf(text: string | undefined): readonly string[] {
  const wanted = (text ?? '').split(',').flatMap((part) => {
    const [language = '', quality] = part.split(';q=')
    return language.trim() === '' ? [] : [{ language: language.trim(), quality: Number(quality ?? 1) || 0 }]
  })
  return wanted.toSorted((a, b) => b.quality - a.quality).map(({ language }) => language)
}

async function answer(ctx: Context, composed: Composed, given: Asked, wish: ExpansionWish): Promise<FhirAnswer> {
  const { total, contains } = await expand(composed.groups, wish, ctx.store.terminology.releases)
  const { compose: _, expansion: __, text: ___, ...head } = composed.valueSet
  const valueSet: ValueSet = {
    ...head,
    expansion: {
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: ctx.clock.now().toString({ fractionalSecondDigits: 3 }),
      total,
      ...(given.offset === undefined && given.count === undefined ? {} : { offset: wish.offset }),
      parameter: used(composed, given),
      contains: [...contains],
    },
  }
  return jsonAnswer(200, JSON.stringify(valueSet))
}

const echoed = ['filter', 'displayLanguage'] as const
const echoedNumbers = ['offset', 'count'] as const
const echoedFlags = ['activeOnly', 'excludeNested', 'excludeNotForUI', 'includeDesignations'] as const

/** What the expansion rests on: the parameters that shaped it, and the versions that were used. */
function used({ systems, imports }: Composed, given: Asked): ValueSetExpansionParameter[] {
  const found: ValueSetExpansionParameter[] = []
  for (const name of echoed) if (given[name] !== undefined) found.push({ name, valueString: given[name] })
  for (const name of echoedNumbers) if (given[name] !== undefined) found.push({ name, valueInteger: given[name] })
  for (const name of echoedFlags) if (given[name] !== undefined) found.push({ name, valueBoolean: given[name] })
  for (const system of systems) found.push({ name: 'version', valueUri: system.replace(/\|$/, '') })
  for (const name of imports) found.push({ name: 'used-valueset', valueUri: name })
  return found
}
