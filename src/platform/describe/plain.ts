import type { CodeableConcept } from 'fhir/r4.js'
import type { WrittenEntry } from '../../kernel/record/written-entries.ts'
import type { Described, EntryKind, StatusWord } from './described.ts'

/** Plain English for conditions (SNOMED CT). Words after the NHS website's names of health conditions A to Z. */
const conditionNames: Readonly<Record<string, string>> = {
  '38341003': 'High blood pressure',
  '59621000': 'High blood pressure',
  '44054006': 'Type 2 diabetes',
  '46635009': 'Type 1 diabetes',
  '73211009': 'Diabetes',
  '22298006': 'Heart attack',
  '84114007': 'Heart failure',
  '49436004': 'Atrial fibrillation (an irregular heartbeat)',
  '53741008': 'Coronary heart disease',
  '230690007': 'Stroke',
  '266257000': 'Transient ischaemic attack (a mini-stroke)',
  '195967001': 'Asthma',
  '13645005': 'COPD (a long-term lung condition)',
  '709044004': 'Chronic kidney disease',
  '396275006': 'Osteoarthritis',
  '69896004': 'Rheumatoid arthritis',
  '64859006': 'Osteoporosis (weak bones)',
  '40930008': 'Underactive thyroid',
  '52448006': 'Dementia',
  '26929004': 'Alzheimer’s disease',
  '35489007': 'Depression',
  '197480006': 'Anxiety disorder',
  '24079001': 'Atopic eczema',
  '68566005': 'Urinary tract infection (UTI)',
  '128613002': 'Fits (seizures)',
  '84757009': 'Epilepsy',
  '271737000': 'Anaemia',
}

/** Plain English for what is measured (LOINC, SNOMED CT). */
const measurementNames: Readonly<Record<string, string>> = {
  '85354-9': 'Blood pressure',
  '75367002': 'Blood pressure',
  '8867-4': 'Pulse',
  '364075005': 'Pulse',
  '8310-5': 'Temperature',
  '29463-7': 'Weight',
  '8302-2': 'Height',
  '39156-5': 'Body mass index (BMI)',
  '2708-6': 'Oxygen level',
  '59408-5': 'Oxygen level',
  '9279-1': 'Breathing rate',
  '4548-4': 'HbA1c (average blood sugar)',
  '999791000000106': 'HbA1c (average blood sugar)',
  '2823-3': 'Potassium',
  '1000651000000109': 'Potassium',
  '1000661000000107': 'Sodium',
  '1000731000000107': 'Creatinine (kidney function)',
  '1011481000000105': 'Kidney function (eGFR)',
  '2951-2': 'Sodium',
  '2160-0': 'Creatinine (kidney function)',
  '33914-3': 'Kidney function (eGFR)',
  '718-7': 'Haemoglobin (red blood cells)',
  '2093-3': 'Cholesterol',
}

const kindWords: Readonly<Record<EntryKind, string>> = {
  result: 'Test result',
  observation: 'Measurement',
  problem: 'Health condition',
  medicine: 'Medicine',
  allergy: 'Allergy',
  vaccination: 'Vaccination',
  contact: 'Visit or appointment',
  procedure: 'Treatment',
  document: 'Letter or document',
  plan: 'Care plan',
  task: 'To do',
  message: 'Note',
  alert: 'Needs and alerts',
  other: 'Entry',
}

/** What a person reads instead of the clinical words; those stay underneath when they differ. */
export interface PlainWords {
  readonly kind: string
  readonly title: string
  /** The clinical words, when the plain ones are others. */
  readonly clinical?: string
  readonly statuses: readonly StatusWord[]
}

/** An entry in plain words. */
export function plainWords(entry: WrittenEntry, described: Described): PlainWords {
  const plain = plainName(conceptOf(entry))
  return {
    kind: kindWords[described.kind],
    title: plain ?? described.title,
    ...(plain === undefined || plain === described.title ? {} : { clinical: described.title }),
    statuses: described.statuses.map(plainStatus),
  }
}

function conceptOf({ resource }: WrittenEntry): CodeableConcept | undefined {
  return resource.resourceType === 'Observation' || resource.resourceType === 'Condition' ? resource.code : undefined
}

function plainName(concept: CodeableConcept | undefined): string | undefined {
  const codes = (concept?.coding ?? []).map(({ code }) => code ?? '')
  return codes.map((code) => conditionNames[code] ?? measurementNames[code]).find((name) => name !== undefined)
}

const plainStatuses: Readonly<Record<string, string>> = {
  Active: 'Now',
  Current: 'Taking now',
  Resolved: 'Over',
  Inactive: 'Not active now',
  Remission: 'Better for now',
  Unconfirmed: 'Not confirmed',
  Provisional: 'Not confirmed',
  Stopped: 'Stopped',
  'Far above range': 'Above the usual range',
  'Above range': 'Above the usual range',
  'Far below range': 'Below the usual range',
  'Below range': 'Below the usual range',
  'Outside range': 'Outside the usual range',
  'Far outside range': 'Outside the usual range',
}

const plainStatus = ({ text, tone }: StatusWord): StatusWord => ({
  text: plainStatuses[text] ?? text,
  tone: tone === 'danger' ? 'unusual' : tone,
})

/** "The usual range is 3.5 to 5.3 mmol/L. Yours is above the range." Nothing when the source gave no range. */
export function rangeSentence({ value, statuses }: Described, whose: string): string {
  if (value?.range === undefined) return ''
  const words = statuses
    .map(({ text }) => text)
    .find((text) => /(Above|Below|Outside|above|below|outside) range/.test(text))
  const side = /above/i.test(words ?? '') ? 'above' : /below/i.test(words ?? '') ? 'below' : 'outside'
  const sentence = `The usual range is ${value.range.text}.`
  return words === undefined ? sentence : `${sentence} ${whose} is ${side} the range.`
}
