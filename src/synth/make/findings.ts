import type { CodeableConcept, Condition, DiagnosticReport, Observation, Reference } from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import { inWords, vitals } from '../codes.ts'
import type { Dice } from '../dice.ts'
import type { Desk } from '../lives/life.ts'
import { type Day, isoDay, isoMoment, type Moment } from '../london.ts'
import { defectRates, defectTag } from '../people/defects.ts'
import { organisationReference } from '../people/patient-record.ts'

const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition'

export type Category = 'vital-signs' | 'laboratory' | 'survey' | 'social-history' | 'imaging'

export interface Finding {
  readonly code: CodeableConcept
  readonly category: Category
  readonly when: Moment
  readonly value?: number
  readonly unit?: readonly [shown: string, ucum: string]
  readonly concept?: CodeableConcept
  readonly text?: string
  readonly by?: Reference
  readonly issued?: Moment
  readonly range?: readonly [low: number, high: number]
}

const quantity = (value: number, [unit, code]: readonly [string, string]) => ({
  value,
  unit,
  system: systems.ucum,
  code,
})

const common = (desk: Desk, name: string, finding: Finding) => ({
  resourceType: 'Observation' as const,
  id: desk.id(name),
  status: 'final' as const,
  category: [{ coding: [{ system: systems.observationCategory, code: finding.category }] }],
  code: finding.code,
  subject: desk.subject,
  effectiveDateTime: isoMoment(finding.when),
  ...(finding.issued === undefined ? {} : { issued: isoMoment(finding.issued) }),
  ...(finding.by === undefined ? {} : { performer: [finding.by] }),
})

/** Something measured, seen or said. */
export function observation(desk: Desk, name: string, finding: Finding): Observation {
  const { value, unit = ['', '1'] as const, concept, text, range } = finding
  return {
    ...common(desk, name, finding),
    ...(value === undefined ? {} : { valueQuantity: quantity(value, unit) }),
    ...(concept === undefined ? {} : { valueCodeableConcept: concept }),
    ...(text === undefined ? {} : { valueString: text }),
    ...(range === undefined
      ? {}
      : { referenceRange: [{ low: quantity(range[0], unit), high: quantity(range[1], unit) }] }),
  }
}

/** Blood pressure as the R4 profile has it. */
export const bloodPressure = (
  desk: Desk,
  name: string,
  upper: number,
  lower: number,
  finding: Omit<Finding, 'code' | 'category'>,
): Observation => ({
  ...common(desk, name, { ...finding, code: vitals.pressure, category: 'vital-signs' }),
  component: [
    { code: vitals.systolic, valueQuantity: quantity(upper, ['mmHg', 'mm[Hg]']) },
    { code: vitals.diastolic, valueQuantity: quantity(lower, ['mmHg', 'mm[Hg]']) },
  ],
})

/** Writes results with the report over them; now and then they come late, and say so. */
export function reportResults(
  desk: Desk,
  name: string,
  dice: Dice,
  report: {
    readonly title: CodeableConcept
    readonly when: Moment
    readonly results: readonly Finding[]
    readonly conclusion?: string
    readonly basedOn?: Reference
    readonly afterMinutes?: number
  },
): Moment {
  const late = dice.chance(defectRates.late)
  const issued = report.when + (late ? dice.between(4, 12) * 1440 : (report.afterMinutes ?? dice.between(180, 1500)))
  const results = report.results.map((each, at) => observation(desk, `${name}-${at}`, { ...each, issued }))
  for (const each of results) desk.put(issued, each)
  const made: DiagnosticReport = {
    resourceType: 'DiagnosticReport',
    id: desk.id(name),
    ...(late ? defectTag('late') : {}),
    status: 'final',
    code: report.title,
    subject: desk.subject,
    effectiveDateTime: isoMoment(report.when),
    issued: isoMoment(issued),
    performer: [organisationReference(desk.organisation)],
    ...(report.basedOn === undefined ? {} : { basedOn: [report.basedOn] }),
    ...(results.length === 0 ? {} : { result: results.map(({ id = '' }) => ({ reference: `Observation/${id}` })) }),
    ...(report.conclusion === undefined ? {} : { conclusion: report.conclusion }),
  }
  desk.put(issued, made)
  return issued
}

export interface Problem {
  readonly code: CodeableConcept
  readonly onset: Day
  readonly recorded: Moment
  readonly kind: 'problem-list-item' | 'encounter-diagnosis'
  readonly by?: Reference
  readonly stage?: string
  readonly encounter?: Reference
}

/** A problem or diagnosis. One in so many is in words only, as in real records. */
export function condition(desk: Desk, name: string, dice: Dice, problem: Problem): Condition {
  const bare = problem.stage === undefined && dice.chance(defectRates['free-text'])
  return {
    resourceType: 'Condition',
    id: desk.id(name),
    ...(bare ? defectTag('free-text') : { meta: { profile: [`${ukCore}/UKCore-Condition`] } }),
    clinicalStatus: { coding: [{ system: systems.conditionClinical, code: 'active' }] },
    verificationStatus: { coding: [{ system: systems.conditionVerification, code: 'confirmed' }] },
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: problem.kind }] },
    ],
    code: bare ? inWords(problem.code.text ?? '') : problem.code,
    subject: desk.subject,
    ...(problem.encounter === undefined ? {} : { encounter: problem.encounter }),
    onsetDateTime: isoDay(problem.onset),
    recordedDate: isoMoment(problem.recorded),
    ...(problem.by === undefined ? {} : { recorder: problem.by }),
    ...(problem.stage === undefined ? {} : { stage: [{ summary: inWords(problem.stage) }] }),
  }
}
