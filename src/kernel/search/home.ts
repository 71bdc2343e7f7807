import { isObject } from '../../base/json.ts'
import { definitions, elementsOf, plainType } from '../fhir/definitions.ts'
import { compilePath, type Resource, type Route, valuesAt } from './path.ts'
import { relativeTarget } from './reference.ts'

// Types that lie in the table keyed by person: the R4 Patient compartment with these differences.
// In, though not in the compartment: what is about one person by an element of its own. A Device may be an implant, a
// Binary a letter, a Bundle a document; what is about nobody lies there under person 0, where nobody's record shows it.
const alsoPersonal: readonly string[] = [
  'Patient',
  'Binary',
  'Bundle',
  'Contract',
  'Device',
  'EnrollmentResponse',
  'GuidanceResponse',
  'Linkage',
  'Task',
]
// Out: they name many people at once or a person only as staff or as owner of a diary.
const notPersonal: readonly string[] = ['Group', 'Schedule']

/** Elements that say whose a resource is, where they are not called subject, patient, encounter or the like. */
const homePaths: Readonly<Record<string, readonly string[]>> = {
  // Placed by the person index itself.
  Patient: [],
  Appointment: ['participant.actor'],
  AppointmentResponse: ['actor', 'appointment'],
  AuditEvent: ['entity.what', 'agent.who'],
  Basic: ['subject', 'author'],
  Binary: ['securityContext'],
  ClaimResponse: ['patient', 'request'],
  Communication: ['subject', 'recipient', 'sender', 'encounter'],
  CommunicationRequest: ['subject', 'recipient', 'sender', 'requester', 'encounter'],
  Coverage: ['beneficiary', 'subscriber', 'policyHolder'],
  DocumentReference: ['subject', 'context.sourcePatientInfo', 'context.encounter', 'relatesTo.target'],
  DocumentManifest: ['subject', 'content'],
  Encounter: ['subject', 'partOf', 'episodeOfCare'],
  EnrollmentRequest: ['candidate'],
  EnrollmentResponse: ['request'],
  Invoice: ['subject', 'recipient', 'account'],
  Linkage: ['item.resource', 'author'],
  List: ['subject', 'encounter', 'source'],
  Observation: ['subject', 'encounter', 'focus', 'hasMember', 'derivedFrom'],
  Person: ['link.target'],
  Provenance: ['target'],
  QuestionnaireResponse: ['subject', 'encounter', 'source'],
  ResearchSubject: ['individual'],
  Specimen: ['subject', 'parent'],
  SupplyDelivery: ['patient', 'basedOn'],
  SupplyRequest: ['requester'],
  Task: ['for', 'focus', 'encounter', 'basedOn', 'partOf'],
}

const usualElements: readonly string[] = ['subject', 'patient', 'individual', 'encounter', 'context']

let personal: ReadonlySet<string> | undefined

/** Whether resources of a type lie in the table keyed by person; all others lie in the shared table. */
export function isPersonScoped(type: string): boolean {
  personal ??= new Set(
    [...Object.keys(definitions().patientCompartment), ...alsoPersonal].filter((each) => !notPersonal.includes(each)),
  )
  return personal.has(type)
}

/**
 * The relative references (`Type/id`) that decide whose a resource is, best first: those to patients, then those to
 * other resources of a person, whose own home then decides.
 */
export function homeReferences(resource: Resource): readonly string[] {
  const type = typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''
  if (type === 'Bundle') return documentReferences(resource)
  const found = new Set<string>()
  for (const route of homeRoutes(type))
    for (const value of valuesAt(route, resource)) {
      const target =
        isObject(value) && typeof value['reference'] === 'string' ? relativeTarget(value['reference']) : undefined
      if (target !== undefined && isPersonScoped(target.slice(0, target.indexOf('/')))) found.add(target)
    }
  if (found.size < 2) return [...found]
  const patients = [...found].filter((target) => target.startsWith('Patient/'))
  return [...patients, ...[...found].filter((target) => !target.startsWith('Patient/'))]
}

/** A document is about whom its Composition is about. */
function documentReferences({ type, entry }: Resource): readonly string[] {
  const [first]: readonly unknown[] = Array.isArray(entry) ? entry : []
  const composition = isObject(first) && isObject(first['resource']) ? first['resource'] : {}
  return type === 'document' && composition['resourceType'] === 'Composition' ? homeReferences(composition) : []
}

const routesByType = new Map<string, readonly Route[]>()

function homeRoutes(type: string): readonly Route[] {
  const known = routesByType.get(type)
  if (known !== undefined) return known
  const paths = isPersonScoped(type) ? (homePaths[type] ?? usualPaths(type)) : []
  const made = paths
    .flatMap((path) => compilePath(`${type}.${path}`, type))
    .filter((route) => route.type === 'Reference')
  routesByType.set(type, made)
  return made
}

function usualPaths(type: string): readonly string[] {
  const elements = new Map(elementsOf(type).map((element) => [element.name, element]))
  return usualElements.filter((name) => elements.get(name)?.types.some((each) => plainType(each) === 'Reference'))
}
