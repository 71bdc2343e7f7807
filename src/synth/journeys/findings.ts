import type { CodeableConcept, DiagnosticReport, Observation, Quantity } from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import { codes, words } from './codes.ts'
import { at, by, type Feed, idOf, own, subject } from './feed.ts'

/** Something measured, with its unit and the range it should be in. */
export interface Measure {
  readonly code: CodeableConcept
  readonly unit: string
  /** UCUM. */
  readonly ucum: string
  readonly category: 'vital-signs' | 'laboratory' | 'survey'
  readonly low?: number
  readonly high?: number
}

const vital = (code: CodeableConcept, unit: string, ucum: string, low?: number, high?: number): Measure =>
  measure('vital-signs', code, unit, ucum, low, high)
const laboratory = (code: CodeableConcept, unit: string, ucum: string, low?: number, high?: number): Measure =>
  measure('laboratory', code, unit, ucum, low, high)

function measure(
  category: Measure['category'],
  code: CodeableConcept,
  unit: string,
  ucum: string,
  low?: number,
  high?: number,
): Measure {
  return { category, code, unit, ucum, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) }
}

/** Reference ranges are those of an invented laboratory: real ones differ from place to place. */
export const measures = {
  hba1c: laboratory(codes.hba1c, 'mmol/mol', 'mmol/mol', 20, 48),
  egfr: laboratory(codes.egfr, 'mL/min/1.73m²', 'mL/min/{1.73_m2}', 60),
  potassium: laboratory(codes.potassium, 'mmol/L', 'mmol/L', 3.5, 5.3),
  sodium: laboratory(codes.sodium, 'mmol/L', 'mmol/L', 133, 146),
  creatinine: laboratory(codes.creatinine, 'µmol/L', 'umol/L', 59, 104),
  weight: vital(codes.weight, 'kg', 'kg'),
  height: vital(codes.height, 'cm', 'cm'),
  pulse: vital(codes.pulse, 'beats/minute', '/min'),
  temperature: vital(codes.temperature, '°C', 'Cel'),
  oxygen: vital(codes.oxygen, '%', '%'),
  breathing: vital(codes.breathing, 'breaths/minute', '/min'),
  peakFlow: vital(words('Peak expiratory flow rate'), 'L/min', 'L/min'),
  news2: measure('survey', codes.news2, 'points', '{score}'),
} as const

/** When and by whom something was done. */
export interface Done {
  readonly ago: number
  readonly time?: string
  readonly by: string
}

const common = (feed: Feed, name: string, category: Measure['category'], done: Done) => ({
  resourceType: 'Observation' as const,
  id: idOf(feed, name),
  status: 'final' as const,
  category: [{ coding: [{ system: systems.observationCategory, code: category }] }],
  subject: subject(feed),
  effectiveDateTime: at(feed, done.ago, done.time ?? '10:00'),
  performer: [by(feed, done.by)],
})

const quantity = ({ unit, ucum }: Measure, value: number): Quantity => ({
  value,
  unit,
  system: systems.ucum,
  code: ucum,
})

/** One value of a measure; says "above" or "below" itself when it is outside the measure's range. */
export function reading(feed: Feed, name: string, what: Measure, value: number, done: Done): Observation {
  const { low, high } = what
  const outside = high !== undefined && value > high ? 'H' : low !== undefined && value < low ? 'L' : undefined
  const range = {
    ...(low === undefined ? {} : { low: quantity(what, low) }),
    ...(high === undefined ? {} : { high: quantity(what, high) }),
  }
  return {
    ...common(feed, name, what.category, done),
    code: what.code,
    valueQuantity: quantity(what, value),
    ...(low === undefined && high === undefined ? {} : { referenceRange: [range] }),
    ...(outside === undefined
      ? {}
      : {
          interpretation: [
            {
              coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: outside }],
            },
          ],
        }),
  }
}

/** Values over time: each is days ago and value. */
export const readings = (
  feed: Feed,
  name: string,
  what: Measure,
  values: readonly (readonly [ago: number, value: number])[],
  who: string,
): readonly Observation[] =>
  values.map(([ago, value]) => reading(feed, `${name}-${ago}`, what, value, { ago, by: who }))

/** Blood pressures over time: each is days ago, upper and lower value. */
export const bloodPressures = (
  feed: Feed,
  values: readonly (readonly [ago: number, upper: number, lower: number])[],
  who: string,
): readonly Observation[] =>
  values.map(([ago, upper, lower]) =>
    bloodPressure(feed, `pressure-${ago}`, upper, lower, { ago, time: '09:20', by: who }),
  )

export const bloodPressure = (feed: Feed, name: string, upper: number, lower: number, done: Done): Observation => ({
  ...common(feed, name, 'vital-signs', done),
  code: codes.bloodPressure,
  component: [
    { code: codes.systolic, valueQuantity: { value: upper, unit: 'mmHg', system: systems.ucum, code: 'mm[Hg]' } },
    { code: codes.diastolic, valueQuantity: { value: lower, unit: 'mmHg', system: systems.ucum, code: 'mm[Hg]' } },
  ],
})

/** A laboratory or imaging report over results already made. `results` are their names. */
export const report = (
  feed: Feed,
  name: string,
  title: string,
  conclusion: string,
  results: readonly string[],
  done: Done,
): DiagnosticReport => ({
  resourceType: 'DiagnosticReport',
  id: idOf(feed, name),
  status: 'final',
  code: words(title),
  subject: subject(feed),
  effectiveDateTime: at(feed, done.ago, done.time ?? '10:00'),
  issued: at(feed, done.ago, '17:30'),
  performer: [by(feed, done.by)],
  conclusion,
  ...(results.length === 0 ? {} : { result: results.map((each) => own(feed, 'Observation', each)) }),
})
