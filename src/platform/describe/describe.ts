import type { WrittenEntry } from '../../kernel/record/written-entries.ts'
import type { Described } from './described.ts'
import { describeAnswers, describeComposition, describeDocument, describeReport } from './document.ts'
import { describeAppointment, describeEncounter, describeProcedure, describeServiceRequest } from './event.ts'
import { describeImmunization, describeMedicine } from './medicine.ts'
import { describeObservation } from './observation.ts'
import { describeCommunication, describeGoal, describePlan, describeTask } from './plan.ts'
import { describeAllergy, describeCondition, describeFlag } from './problem.ts'
import { statusWords } from './words.ts'
import { readWritten, type Written } from './written.ts'

/** An entry in plain lines: what pages show of any resource. */
export const describe = (entry: WrittenEntry): Described => describeWritten(readWritten(entry.json, entry.resource))

/** The same, for a resource already parsed with its digits. */
export function describeWritten(written: Written): Described {
  const { resource } = written
  switch (resource.resourceType) {
    case 'Observation':
      return describeObservation(resource, written)
    case 'MedicationRequest':
    case 'MedicationStatement':
    case 'MedicationDispense':
    case 'MedicationAdministration':
      return describeMedicine(resource, written)
    case 'Immunization':
      return describeImmunization(resource, written)
    case 'Condition':
      return describeCondition(resource)
    case 'AllergyIntolerance':
      return describeAllergy(resource)
    case 'Flag':
      return describeFlag(resource)
    default:
      return describeEvent(written)
  }
}

function describeEvent({ resource }: Written): Described {
  switch (resource.resourceType) {
    case 'Encounter':
      return describeEncounter(resource)
    case 'Procedure':
      return describeProcedure(resource)
    case 'Appointment':
      return describeAppointment(resource)
    case 'ServiceRequest':
      return describeServiceRequest(resource)
    case 'DocumentReference':
      return describeDocument(resource)
    case 'DiagnosticReport':
      return describeReport(resource)
    case 'Composition':
      return describeComposition(resource)
    case 'QuestionnaireResponse':
      return describeAnswers(resource)
    case 'CarePlan':
      return describePlan(resource)
    case 'Goal':
      return describeGoal(resource)
    case 'Task':
      return describeTask(resource)
    case 'Communication':
      return describeCommunication(resource)
    default:
      return plainDescription(resource.resourceType)
  }
}

/** A type without words of its own still appears: nothing of the record is hidden for want of a description. */
const plainDescription = (type: string): Described => {
  const words = statusWords(type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase())
  return { kind: 'other', kindWord: 'Entry', title: words, statuses: [], lines: [], current: true }
}

/** One choice of the timeline's filter by kind: its words and the resource types behind it. */
export interface KindFilter {
  readonly value: string
  readonly text: string
  readonly types: readonly string[]
}

export const kindFilters: readonly KindFilter[] = [
  { value: 'results', text: 'Results and observations', types: ['Observation', 'DiagnosticReport'] },
  { value: 'problems', text: 'Problems', types: ['Condition'] },
  {
    value: 'medicines',
    text: 'Medicines',
    types: ['MedicationRequest', 'MedicationStatement', 'MedicationDispense', 'MedicationAdministration'],
  },
  { value: 'allergies', text: 'Allergies', types: ['AllergyIntolerance'] },
  { value: 'vaccinations', text: 'Vaccinations', types: ['Immunization'] },
  { value: 'contacts', text: 'Contacts and appointments', types: ['Encounter', 'Appointment'] },
  { value: 'procedures', text: 'Procedures', types: ['Procedure'] },
  { value: 'documents', text: 'Documents', types: ['DocumentReference', 'Composition', 'QuestionnaireResponse'] },
  { value: 'plans', text: 'Plans', types: ['CarePlan', 'Goal'] },
  { value: 'tasks', text: 'Tasks and requests', types: ['Task', 'ServiceRequest'] },
  { value: 'messages', text: 'Messages and notes', types: ['Communication'] },
  { value: 'alerts', text: 'Alerts', types: ['Flag'] },
]
