import { isObject } from '../../../base/json.ts'

type Resource = Readonly<Record<string, unknown>>

/** A section of an International Patient Summary and what of a record belongs in it. */
export interface Section {
  readonly title: string
  /** LOINC code of the section. */
  readonly code: string
  readonly display: string
  readonly takes: (resource: Resource) => boolean
  /** Of observations of one kind the newest alone: a summary is no series. */
  readonly newestOfKind?: true
  /** A section that must be there: what stands in it when the record says nothing. */
  readonly required?: Absence
}

interface Absence {
  readonly sentence: string
  /** Of CodeSystem absent-unknown-uv-ips: that there is no information, which is not that there is none. */
  readonly code: string
  readonly display: string
  readonly resource: (concept: object, subject: object) => Record<string, unknown>
}

const codesOf = (value: unknown): readonly string[] => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  return all.filter(isObject).flatMap((each) => {
    const codings: readonly unknown[] = Array.isArray(each['coding']) ? each['coding'] : []
    return codings.filter(isObject).flatMap(({ code }) => (typeof code === 'string' ? [code] : []))
  })
}

const is = (resource: Resource, type: string): boolean => resource['resourceType'] === type
const status = (resource: Resource, ...allowed: readonly string[]): boolean =>
  allowed.includes(String(resource['status']))
const clinically = (resource: Resource, ...allowed: readonly string[]): boolean => {
  const codes = codesOf(resource['clinicalStatus'])
  return codes.some((code) => allowed.includes(code))
}
/** Entered in error, or found not to be so: no part of any summary. */
const stands = (resource: Resource): boolean =>
  !codesOf(resource['verificationStatus']).some((code) => code === 'entered-in-error' || code === 'refuted')
const observed = (resource: Resource, ...categories: readonly string[]): boolean =>
  is(resource, 'Observation') &&
  status(resource, 'final', 'amended', 'corrected', 'preliminary') &&
  codesOf(resource['category']).some((code) => categories.includes(code))

const inactive = ['inactive', 'remission', 'resolved'] as const

/**
 * HL7 International Patient Summary (hl7.fhir.uv.ips 2.0.0, Composition-uv-ips): sections in its order, with their LOINC
 * codes. Problems, allergies and medicines are required. Whatever does not say that it is over is taken to be current.
 */
export const sections: readonly Section[] = [
  {
    title: 'Active problems',
    code: '11450-4',
    display: 'Problem list - Reported',
    takes: (each) => is(each, 'Condition') && stands(each) && !clinically(each, ...inactive),
    required: {
      sentence: 'There is no information about problems. That does not mean that there are none.',
      code: 'no-problem-info',
      display: 'No information about problems',
      resource: (code, subject) => ({
        resourceType: 'Condition',
        clinicalStatus: current('condition-clinical'),
        code,
        subject,
      }),
    },
  },
  {
    title: 'Allergies and intolerances',
    code: '48765-2',
    display: 'Allergies and adverse reactions Document',
    takes: (each) => is(each, 'AllergyIntolerance') && stands(each) && !clinically(each, ...inactive),
    required: {
      sentence: 'There is no information about allergies. That does not mean that there are none.',
      code: 'no-allergy-info',
      display: 'No information about allergies',
      resource: (code, patient) => ({
        resourceType: 'AllergyIntolerance',
        clinicalStatus: current('allergyintolerance-clinical'),
        code,
        patient,
      }),
    },
  },
  {
    title: 'Medication summary',
    code: '10160-0',
    display: 'History of Medication use Narrative',
    takes: (each) =>
      (is(each, 'MedicationStatement') && status(each, 'active', 'intended', 'unknown', 'on-hold')) ||
      (is(each, 'MedicationRequest') && status(each, 'active', 'unknown', 'on-hold')),
    required: {
      sentence: 'There is no information about medicines. That does not mean that there are none.',
      code: 'no-medication-info',
      display: 'No information about medications',
      resource: (medicationCodeableConcept, subject) => ({
        resourceType: 'MedicationStatement',
        status: 'unknown',
        medicationCodeableConcept,
        subject,
        _effectiveDateTime: {
          extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
        },
      }),
    },
  },
  {
    title: 'Immunisations',
    code: '11369-6',
    display: 'History of Immunization Narrative',
    takes: (each) => is(each, 'Immunization') && status(each, 'completed'),
  },
  {
    title: 'Results',
    code: '30954-2',
    display: 'Relevant diagnostic tests/laboratory data Narrative',
    newestOfKind: true,
    takes: (each) => observed(each, 'laboratory', 'imaging', 'procedure', 'exam'),
  },
  {
    title: 'Procedures',
    code: '47519-4',
    display: 'History of Procedures Document',
    takes: (each) => is(each, 'Procedure') && status(each, 'completed', 'in-progress', 'on-hold', 'unknown'),
  },
  {
    title: 'Medical devices',
    code: '46264-8',
    display: 'History of medical device use',
    takes: (each) => is(each, 'DeviceUseStatement') && status(each, 'active', 'intended', 'on-hold'),
  },
  {
    title: 'Advance directives',
    code: '42348-3',
    display: 'Advance healthcare directives',
    takes: (each) => is(each, 'Consent') && status(each, 'active') && codesOf(each['scope']).includes('adr'),
  },
  { title: 'Alerts', code: '104605-1', display: 'Alert', takes: (each) => is(each, 'Flag') && status(each, 'active') },
  {
    title: 'Vital signs',
    code: '8716-3',
    display: 'Vital signs',
    newestOfKind: true,
    takes: (each) => observed(each, 'vital-signs'),
  },
  {
    title: 'Social history',
    code: '29762-2',
    display: 'Social history Narrative',
    newestOfKind: true,
    takes: (each) => observed(each, 'social-history'),
  },
  {
    title: 'Plan of care',
    code: '18776-5',
    display: 'Plan of care note',
    takes: (each) => is(each, 'CarePlan') && status(each, 'active', 'on-hold'),
  },
  {
    title: 'Past problems',
    code: '11348-0',
    display: 'History of Past illness note',
    takes: (each) => is(each, 'Condition') && stands(each) && clinically(each, ...inactive),
  },
]

const current = (system: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code: 'active' }],
})

/** Types that any section takes from. */
export const summaryTypes: readonly string[] = [
  'Condition',
  'AllergyIntolerance',
  'MedicationStatement',
  'MedicationRequest',
  'Immunization',
  'Observation',
  'Procedure',
  'DeviceUseStatement',
  'Consent',
  'Flag',
  'CarePlan',
]
