import { isObject } from '../../base/json.ts'
import { systems } from '../fhir/systems.ts'
import { compilePath, type Resource, type Route, valuesAt } from './path.ts'
import { codeKey } from './token.ts'

/** What the `code` column holds for a resource without a main code, and for one with several equally good codes. */
export const noCode = 0n
export const severalCodes = -1n

const standardSystems: ReadonlySet<string> = new Set([
  systems.snomedCt,
  systems.dmd,
  systems.loinc,
  systems.icd10,
  'https://snomed.info/sct',
  'http://hl7.org/fhir/sid/icd-10-uk',
  'http://read.info/ctv3',
  'http://read.info/readv2',
])

/**
 * Whether a search by a code of this system may use the `code` column, as `code in (key, severalCodes)` beside the
 * token. True for the standard systems: the column holds a standard code when it is the only one, and severalCodes
 * when there are more. A local code may stand beside a standard one, so it must be searched by its token alone.
 */
export const codeColumnAnswers = (system: string): boolean => standardSystems.has(system)

/** The element that says what a resource is about, by type: the timeline, lists and charts ask by it. */
const mainCodePaths: Readonly<Record<string, string>> = {
  AdverseEvent: 'AdverseEvent.event',
  AllergyIntolerance: 'AllergyIntolerance.code',
  Appointment: 'Appointment.serviceType',
  Basic: 'Basic.code',
  CarePlan: 'CarePlan.category',
  ChargeItem: 'ChargeItem.code',
  Communication: 'Communication.topic',
  Composition: 'Composition.type',
  Condition: 'Condition.code',
  Consent: 'Consent.category',
  DetectedIssue: 'DetectedIssue.code',
  Device: 'Device.type',
  DeviceRequest: 'DeviceRequest.code as CodeableConcept',
  DiagnosticReport: 'DiagnosticReport.code',
  DocumentReference: 'DocumentReference.type',
  Encounter: 'Encounter.type',
  EpisodeOfCare: 'EpisodeOfCare.type',
  FamilyMemberHistory: 'FamilyMemberHistory.condition.code',
  Flag: 'Flag.code',
  Goal: 'Goal.description',
  Immunization: 'Immunization.vaccineCode',
  List: 'List.code',
  Medication: 'Medication.code',
  MedicationAdministration: 'MedicationAdministration.medication as CodeableConcept',
  MedicationDispense: 'MedicationDispense.medication as CodeableConcept',
  MedicationRequest: 'MedicationRequest.medication as CodeableConcept',
  MedicationStatement: 'MedicationStatement.medication as CodeableConcept',
  NutritionOrder: 'NutritionOrder.oralDiet.type',
  Observation: 'Observation.code',
  Procedure: 'Procedure.code',
  RequestGroup: 'RequestGroup.code',
  RiskAssessment: 'RiskAssessment.code',
  ServiceRequest: 'ServiceRequest.code',
  Specimen: 'Specimen.type',
  SupplyDelivery: 'SupplyDelivery.type',
  SupplyRequest: 'SupplyRequest.item as CodeableConcept',
  Task: 'Task.code',
}

const routesByType = new Map<string, readonly Route[]>()

function mainCodeRoutes(type: string): readonly Route[] {
  const known = routesByType.get(type)
  if (known !== undefined) return known
  const path = mainCodePaths[type]
  const made = path === undefined ? [] : compilePath(path, type)
  routesByType.set(type, made)
  return made
}

/** The `code` column: the key of the only standard code, or of the only code when none is standard. */
export function mainCode(type: string, resource: Resource): bigint {
  const standard = new Set<string>()
  const local = new Set<string>()
  for (const route of mainCodeRoutes(type))
    for (const concept of valuesAt(route, resource)) addCodes(concept, standard, local)
  const codes = standard.size > 0 ? standard : local
  if (codes.size > 1) return severalCodes
  for (const code of codes) return codeKeyOf(code)
  return noCode
}

const separator = '\n'

function addCodes(concept: unknown, standard: Set<string>, local: Set<string>): void {
  const codings = isObject(concept) ? concept['coding'] : undefined
  if (!Array.isArray(codings)) return
  for (const coding of codings) {
    if (!isObject(coding)) continue
    const { system = '', code } = coding
    if (typeof code !== 'string' || typeof system !== 'string') continue
    const codes = standardSystems.has(system) ? standard : local
    codes.add(`${system}${separator}${code}`)
  }
}

function codeKeyOf(code: string): bigint {
  const at = code.indexOf(separator)
  return codeKey(code.slice(0, at), code.slice(at + 1))
}
