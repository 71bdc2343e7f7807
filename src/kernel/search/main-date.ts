import { definitions } from '../fhir/definitions.ts'
import { rangesOf } from './date-range.ts'
import { compilePath, type Resource, type Route, valuesAt } from './path.ts'

/** When a resource happened, by type: elements in order of preference. The first one present decides. */
const mainDatePaths: Readonly<Record<string, readonly string[]>> = {
  Account: ['servicePeriod'],
  AdverseEvent: ['date', 'detected', 'recordedDate'],
  AllergyIntolerance: ['recordedDate', 'onset', 'lastOccurrence'],
  Appointment: ['start', 'requestedPeriod', 'created'],
  AppointmentResponse: ['start'],
  AuditEvent: ['recorded', 'period'],
  Basic: ['created'],
  CarePlan: ['period', 'created'],
  CareTeam: ['period'],
  ChargeItem: ['occurrence', 'enteredDate'],
  Claim: ['created', 'billablePeriod'],
  ClaimResponse: ['created'],
  ClinicalImpression: ['effective', 'date'],
  Communication: ['sent', 'received'],
  CommunicationRequest: ['authoredOn', 'occurrence'],
  Composition: ['date'],
  Condition: ['onset', 'recordedDate'],
  Consent: ['dateTime'],
  Coverage: ['period'],
  DetectedIssue: ['identified'],
  Device: ['manufactureDate'],
  DeviceRequest: ['occurrence', 'authoredOn'],
  DeviceUseStatement: ['timing', 'recordedOn'],
  DiagnosticReport: ['effective', 'issued'],
  DocumentManifest: ['created'],
  DocumentReference: ['date', 'context.period'],
  Encounter: ['period'],
  EpisodeOfCare: ['period'],
  ExplanationOfBenefit: ['created', 'billablePeriod'],
  FamilyMemberHistory: ['date'],
  Flag: ['period'],
  Goal: ['start', 'statusDate'],
  GuidanceResponse: ['occurrenceDateTime'],
  ImagingStudy: ['started'],
  Immunization: ['occurrence', 'recorded'],
  ImmunizationEvaluation: ['date'],
  ImmunizationRecommendation: ['date'],
  Invoice: ['date'],
  List: ['date'],
  MeasureReport: ['date', 'period'],
  Media: ['created', 'issued'],
  MedicationAdministration: ['effective'],
  MedicationDispense: ['whenHandedOver', 'whenPrepared'],
  MedicationRequest: ['authoredOn'],
  MedicationStatement: ['effective', 'dateAsserted'],
  NutritionOrder: ['dateTime'],
  Observation: ['effective', 'issued'],
  Patient: ['birthDate'],
  Person: ['birthDate'],
  Procedure: ['performed'],
  Provenance: ['occurred', 'recorded'],
  QuestionnaireResponse: ['authored'],
  RelatedPerson: ['period'],
  RequestGroup: ['authoredOn'],
  ResearchSubject: ['period'],
  RiskAssessment: ['occurrence'],
  ServiceRequest: ['authoredOn', 'occurrence'],
  Specimen: ['collection.collected', 'receivedTime'],
  SupplyDelivery: ['occurrence'],
  SupplyRequest: ['authoredOn', 'occurrence'],
  Task: ['authoredOn', 'executionPeriod', 'lastModified'],
  VisionPrescription: ['dateWritten', 'created'],
}

const dateTypes: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant', 'Period', 'Timing'])
const routesByType = new Map<string, readonly Route[]>()

function mainDateRoutes(type: string): readonly Route[] {
  const known = routesByType.get(type)
  if (known !== undefined) return known
  const paths = definitions().types[type] === undefined ? [] : (mainDatePaths[type] ?? [])
  const made = paths
    .flatMap((path) => compilePath(`${type}.${path}`, type))
    .filter((route) => dateTypes.has(route.type))
  routesByType.set(type, made)
  return made
}

/** When a resource happened, in milliseconds: the beginning of its main date, or the end where only that is known. */
export function mainDate(type: string, resource: Resource): number | undefined {
  for (const route of mainDateRoutes(type))
    for (const value of valuesAt(route, resource))
      for (const range of rangesOf(value)) {
        if (Number.isFinite(range.low)) return range.low
        if (Number.isFinite(range.high)) return range.high
      }
  return undefined
}
