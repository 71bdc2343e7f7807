import type { CodeableConcept } from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'

const snomed = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: systems.snomedCt, code, display }],
  text: display,
})

const loinc = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: systems.loinc, code, display }],
  text: display,
})

/** A thing said in words only, as much of a real record is. */
export const words = (text: string): CodeableConcept => ({ text })

/**
 * The codes the journeys use, by name. Sources: SNOMED CT UK edition as used in NHS England's published examples and
 * UK Core; LOINC of the R4 vital signs profiles. What we were not sure of is in words only.
 */
export const codes = {
  type2Diabetes: snomed('44054006', 'Type 2 diabetes mellitus'),
  hypertension: snomed('38341003', 'Hypertension'),
  asthma: snomed('195967001', 'Asthma'),
  eczema: snomed('24079001', 'Atopic eczema'),
  depression: snomed('35489007', 'Depression'),
  alzheimers: snomed('26929004', "Alzheimer's disease"),
  osteoporosis: snomed('64859006', 'Osteoporosis'),
  kneeArthritis: snomed('239873007', 'Osteoarthritis of knee'),
  noKnownAllergy: snomed('716186003', 'No known allergy'),
  penicillinAllergy: snomed('91936005', 'Allergy to penicillin'),
  peanutAllergy: snomed('91935009', 'Allergy to peanut'),
  influenzaVaccine: snomed('822851000000102', 'Seasonal influenza vaccination'),
  salbutamolInhaler: snomed('35936511000001108', 'Salbutamol 100micrograms/dose inhaler'),
  metformin: snomed('765507008', 'Metformin hydrochloride 500 mg prolonged-release oral tablet'),
  dischargeSummary: snomed('373942005', 'Discharge summary'),
  emergencyCarePlan: snomed('887701000000100', 'Emergency health care plan'),
  supportPlan: snomed('2181441000000107', 'Personalised care and support plan'),
  respectForm: snomed('1382601000000107', 'ReSPECT form'),
  carePlan: snomed('734163000', 'Care plan'),
  reasonableAdjustment: snomed(
    '1108111000000107',
    'Requires reasonable adjustment for health and care access (Equality Act 2010)',
  ),
  hba1c: snomed('999791000000106', 'Haemoglobin A1c level - IFCC standardised'),
  egfr: snomed(
    '1011481000000105',
    'eGFR (estimated glomerular filtration rate) using creatinine CKD-EPI equation per 1.73 square metres',
  ),
  potassium: snomed('1000651000000109', 'Serum potassium level'),
  sodium: snomed('1000661000000107', 'Serum sodium level'),
  creatinine: snomed('1000731000000107', 'Serum creatinine level'),
  news2: snomed('1104051000000101', 'Royal College of Physicians NEWS2 (National Early Warning Score 2) total score'),
  bloodPressure: loinc('85354-9', 'Blood pressure'),
  systolic: loinc('8480-6', 'Systolic blood pressure'),
  diastolic: loinc('8462-4', 'Diastolic blood pressure'),
  weight: loinc('29463-7', 'Body weight'),
  height: loinc('8302-2', 'Body height'),
  pulse: loinc('8867-4', 'Heart rate'),
  temperature: loinc('8310-5', 'Body temperature'),
  oxygen: loinc('2708-6', 'Oxygen saturation'),
  breathing: loinc('9279-1', 'Respiratory rate'),
} as const

/** Medicines of the journeys whose codes we were not sure of. */
export const medicines = {
  sertraline: words('Sertraline 50mg tablets'),
  ramipril: words('Ramipril 5mg capsules'),
  atorvastatin: words('Atorvastatin 20mg tablets'),
  donepezil: words('Donepezil 10mg tablets'),
} as const
