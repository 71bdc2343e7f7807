import type {
  CodeableConcept,
  Dosage,
  Immunization,
  MedicationAdministration,
  MedicationDispense,
  MedicationRequest,
  MedicationStatement,
  Timing,
} from 'fhir/r4.js'
import type { Described, StatusWord } from './described.ts'
import { capitalised, conceptText, conceptTexts, noteLines, statusWords } from './words.ts'
import { quantityText, type Written } from './written.ts'

type Medicine = MedicationRequest | MedicationStatement | MedicationDispense | MedicationAdministration

const kindWords: Readonly<Record<Medicine['resourceType'], string>> = {
  MedicationRequest: 'Medicine prescribed',
  MedicationStatement: 'Medicine',
  MedicationDispense: 'Medicine supplied',
  MedicationAdministration: 'Medicine given',
}

const currentStates = new Set(['active', 'on-hold', 'in-progress', 'preparation', 'intended'])

export function describeMedicine(medicine: Medicine, written: Written): Described {
  return {
    kind: 'medicine',
    kindWord: kindWords[medicine.resourceType],
    title: capitalised(medicineName(medicine)),
    statuses: medicineState(medicine.status),
    lines: [
      ...doseLines(medicine, written),
      ...conceptTexts(reasons(medicine)).map((text) => `For: ${text}`),
      ...noteLines(medicine.note),
    ],
    current: currentStates.has(medicine.status),
  }
}

const medicineName = (medicine: Medicine): string => {
  const name = conceptText(medicine.medicationCodeableConcept)
  return name === '' ? (medicine.medicationReference?.display ?? 'Medicine not named') : name
}

const reasons = (medicine: Medicine): readonly CodeableConcept[] =>
  medicine.resourceType === 'MedicationDispense' ? [] : (medicine.reasonCode ?? [])

function medicineState(status: string): readonly StatusWord[] {
  if (status === 'active') return [{ text: 'Current', tone: 'active' }]
  if (status === 'completed') return [{ text: 'Completed', tone: 'plain' }]
  if (status === 'entered-in-error') return [{ text: 'Recorded by mistake', tone: 'ended' }]
  return [{ text: statusWords(status), tone: currentStates.has(status) ? 'active' : 'ended' }]
}

function doseLines(medicine: Medicine, written: Written): readonly string[] {
  if (medicine.resourceType === 'MedicationAdministration') {
    const { dosage } = medicine
    return dosage === undefined
      ? []
      : compact([dosage.text ?? `Dose ${quantityText(dosage.dose, written)}`, conceptText(dosage.route)])
  }
  const dosages = medicine.resourceType === 'MedicationStatement' ? medicine.dosage : medicine.dosageInstruction
  return (dosages ?? []).map((dosage) => dosageText(dosage, written)).filter((text) => text !== '')
}

/** A dose in full: the source's own text, else "DOSE 500 mg – oral – 3 times a day". */
function dosageText(dosage: Dosage, written: Written): string {
  if (dosage.text !== undefined) return dosage.text
  const amount = dosage.doseAndRate?.[0]
  const dose = quantityText(amount?.doseQuantity, written) || quantityText(amount?.doseRange?.high, written)
  return compact([
    dose === '' ? '' : `DOSE ${dose}`,
    conceptText(dosage.route),
    timingText(dosage.timing),
    dosage.asNeededBoolean === true ? 'when needed' : conceptText(dosage.asNeededCodeableConcept),
    dosage.patientInstruction ?? '',
  ]).join(' – ')
}

const units: Readonly<Record<string, string>> = { h: 'hour', d: 'day', wk: 'week', mo: 'month', min: 'minute' }

function timingText(timing: Timing | undefined): string {
  const { frequency, period, periodUnit } = timing?.repeat ?? {}
  if (frequency === undefined || period === undefined) return conceptText(timing?.code)
  const unit = units[periodUnit ?? ''] ?? ''
  const times = frequency === 1 ? 'once' : `${frequency} times`
  return period === 1 ? `${times} a ${unit}` : `${times} every ${period} ${unit}s`
}

const compact = (texts: readonly string[]): readonly string[] => texts.filter((text) => text !== '')

export function describeImmunization(immunization: Immunization, written: Written): Described {
  const given = immunization.status === 'completed'
  const dose = immunization.protocolApplied?.[0]
  const number = dose?.doseNumberString ?? dose?.doseNumberPositiveInt
  return {
    kind: 'vaccination',
    kindWord: given ? 'Vaccination' : 'Vaccination not given',
    title: capitalised(conceptText(immunization.vaccineCode)) || 'Vaccine not named',
    statuses: given ? [] : [{ text: statusWords(immunization.status), tone: 'ended' }],
    lines: compact([
      number === undefined ? '' : `Dose ${number}`,
      quantityText(immunization.doseQuantity, written),
      immunization.lotNumber === undefined ? '' : `Batch ${immunization.lotNumber}`,
      conceptText(immunization.site),
      conceptText(immunization.statusReason),
      ...noteLines(immunization.note),
    ]),
    current: given,
  }
}
