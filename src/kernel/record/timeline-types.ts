import { type Sql, sql } from '../../base/sql.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { int2Array } from '../store/wire.ts'

/** What a timeline shows when nobody says: what happened to or was found out about the person. */
export const timelineTypes = [
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'ClinicalImpression',
  'Communication',
  'Composition',
  'Condition',
  'DeviceUseStatement',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'ImagingStudy',
  'Immunization',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Procedure',
  'QuestionnaireResponse',
  'RiskAssessment',
  'ServiceRequest',
] as const

/** Rows of some resource types. */
export function ofTypes(types: readonly string[]): Sql {
  const numbers = types.flatMap((type) => typeNumber(type) ?? [])
  return sql`r.rtype = any(${int2Array(numbers)}::int2[])`
}
