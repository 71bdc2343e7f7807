import type { Extension, FhirResource } from 'fhir/r4.js'
import { isObject } from '../../base/json.ts'
import type { SynthSettings } from '../settings.ts'

/** Id of the one resource that says which synthetic system a database holds, and how far its clock has come. */
export const stateId = 'synthetic-care-system'

const stateUrl = 'https://linchpin.example/fhir/StructureDefinition/synthetic-system'
const numbers = ['people', 'months', 'seed', 'from', 'today', 'until'] as const

/** The system a database holds, and how many of its people are there. */
export interface SystemState {
  readonly settings: SynthSettings
  readonly loaded: number
}

/** What is known of the synthetic system in a database, so that an interrupted filling and the clock can go on. */
export function stateResource(settings: SynthSettings, loaded: number): FhirResource {
  const facts: Extension[] = numbers.map((name) => ({ url: name, valueInteger: settings[name] }))
  return {
    resourceType: 'Library',
    id: stateId,
    extension: [{ url: stateUrl, extension: [...facts, { url: 'loaded', valueInteger: loaded }] }],
    status: 'active',
    type: { text: 'Settings of the synthetic care system' },
    title: 'Synthetic care system: invented people, for demonstration only',
  }
}

/** Reads it back; undefined when the resource is none of ours. */
export function readState(text: string): SystemState | undefined {
  const resource: unknown = JSON.parse(text)
  const outer = isObject(resource) ? listOf(resource['extension']).find((each) => each['url'] === stateUrl) : undefined
  if (outer === undefined) return undefined
  const facts = new Map(listOf(outer['extension']).map((each) => [each['url'], each['valueInteger']]))
  const [people, months, seed, from, today, until] = numbers.map((name) => Number(facts.get(name)))
  const all = { people, months, seed, from, today, until }
  return isSettings(all) ? { settings: all, loaded: Number(facts.get('loaded')) } : undefined
}

const isSettings = (all: Readonly<Record<string, number | undefined>>): all is Record<keyof SynthSettings, number> =>
  Object.values(all).every((value) => value !== undefined && Number.isInteger(value))

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : []
