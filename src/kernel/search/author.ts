import { isObject } from '../../base/json.ts'
import { compilePath, type Resource, type Route, valuesAt } from './path.ts'

/** Who made an entry, as the resource itself says. */
export interface Author {
  readonly reference?: string
  readonly display?: string
}

/** Elements that name who made an entry, by type, in order of preference. */
const authorPaths: Readonly<Record<string, readonly string[]>> = {
  AdverseEvent: ['recorder', 'contributor'],
  AllergyIntolerance: ['recorder', 'asserter'],
  Appointment: ['participant.actor'],
  AppointmentResponse: ['actor'],
  AuditEvent: ['agent.who'],
  Basic: ['author'],
  CarePlan: ['author', 'contributor'],
  CareTeam: ['participant.member', 'managingOrganization'],
  ChargeItem: ['enterer', 'performer.actor'],
  Claim: ['enterer', 'provider'],
  ClinicalImpression: ['assessor'],
  Communication: ['sender'],
  CommunicationRequest: ['requester', 'sender'],
  Composition: ['author'],
  Condition: ['recorder', 'asserter'],
  Consent: ['performer', 'organization'],
  DetectedIssue: ['author'],
  DeviceRequest: ['requester'],
  DeviceUseStatement: ['source'],
  DiagnosticReport: ['performer', 'resultsInterpreter'],
  DocumentManifest: ['author'],
  DocumentReference: ['author', 'authenticator', 'custodian'],
  Encounter: ['participant.individual', 'serviceProvider'],
  EpisodeOfCare: ['careManager', 'managingOrganization'],
  ExplanationOfBenefit: ['enterer', 'provider'],
  Flag: ['author'],
  Goal: ['expressedBy'],
  GuidanceResponse: ['performer'],
  ImagingStudy: ['interpreter', 'referrer'],
  Immunization: ['performer.actor'],
  ImmunizationEvaluation: ['authority'],
  ImmunizationRecommendation: ['authority'],
  Invoice: ['participant.actor', 'issuer'],
  List: ['source'],
  MeasureReport: ['reporter'],
  Media: ['operator'],
  MedicationAdministration: ['performer.actor'],
  MedicationDispense: ['performer.actor'],
  MedicationRequest: ['requester', 'recorder'],
  MedicationStatement: ['informationSource'],
  NutritionOrder: ['orderer'],
  Observation: ['performer'],
  Patient: ['managingOrganization'],
  Procedure: ['recorder', 'performer.actor', 'asserter'],
  Provenance: ['agent.who'],
  QuestionnaireResponse: ['author', 'source'],
  RequestGroup: ['author'],
  RiskAssessment: ['performer'],
  ServiceRequest: ['requester', 'performer'],
  Specimen: ['collection.collector'],
  SupplyDelivery: ['supplier'],
  SupplyRequest: ['requester'],
  Task: ['requester', 'owner'],
  VisionPrescription: ['prescriber'],
}

const routesByType = new Map<string, readonly Route[]>()

function authorRoutes(type: string): readonly Route[] {
  const known = routesByType.get(type)
  if (known !== undefined) return known
  const made = (authorPaths[type] ?? [])
    .flatMap((path) => compilePath(`${type}.${path}`, type))
    .filter((route) => route.type === 'Reference')
  routesByType.set(type, made)
  return made
}

/** Who made an entry: the first person or organisation its type's elements name; undefined when it does not say. */
export function authorReference(resource: Resource): Author | undefined {
  const type = typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''
  for (const route of authorRoutes(type))
    for (const value of valuesAt(route, resource)) {
      const author = authorOf(value)
      // The patient and the room take part in an appointment; neither made it.
      if (author !== undefined && !(type.startsWith('Appointment') && isNoAuthor(author))) return author
    }
  return undefined
}

const isNoAuthor = (author: Author): boolean => /^(?:Patient|Location)\//.test(author.reference ?? '')

function authorOf(value: unknown): Author | undefined {
  if (!isObject(value)) return undefined
  const { reference, display } = value
  // A contained resource has no name outside the one that contains it.
  const literal = typeof reference === 'string' && !reference.startsWith('#') ? { reference } : {}
  const words = typeof display === 'string' ? { display } : {}
  const author = { ...literal, ...words }
  return Object.keys(author).length === 0 ? undefined : author
}
