import { problem } from '../../base/problem.ts'
import { definitions } from '../fhir/definitions.ts'
import type { Filter } from './criterion.ts'
import { searchParameter } from './parameters.ts'

/** Types that have a compartment here. R4 also defines those of Device, Encounter, Practitioner and RelatedPerson. */
export const compartmentTypes = ['Patient'] as const

/** The types of resources that a compartment may hold. */
export const typesInCompartment = (): readonly string[] => Object.keys(definitions().patientCompartment)

/** What must hold of a resource of a type to lie in a compartment, such as that of `Patient/1`; the Patient lies there itself. */
export function compartmentFilter(compartment: string, id: string, type: string): Filter {
  const target = `${compartment}/${id}`
  const codes = definitions().patientCompartment[type]
  if (codes === undefined)
    throw problem('invalid', `The ${compartment} compartment holds no ${type.slice(0, 40)}`, {
      expression: type.slice(0, 40),
    })
  const own: Filter['criteria'][number][] = []
  const self = type === compartment ? searchParameter(type, '_id') : undefined
  if (self !== undefined) own.push({ parameter: self, modifier: '', values: [id] })
  for (const code of codes) {
    const parameter = searchParameter(type, code)
    if (parameter !== undefined) own.push({ parameter, modifier: '', values: [target] })
  }
  const of = own.map((each) => ({ type, criteria: [each], joined: [] }))
  return { type, criteria: [], joined: [{ kind: 'either', of }] }
}
