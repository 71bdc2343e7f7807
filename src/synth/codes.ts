import type { CodeableConcept } from 'fhir/r4.js'
import { systems } from '../kernel/fhir/systems.ts'

/**
 * Where we know a code from. `england`: NHS England's published examples, value sets and domain rules (UK Core, PDS,
 * BaRS, EPS, pathology, immunisation). `synthea`: the SNOMED CT international concepts that Synthea's records use.
 * `edition`: in the SNOMED CT International Edition for many years; the check digit is right.
 */
export type CodeSource = 'england' | 'synthea' | 'edition'

interface KnownCode {
  readonly concept: CodeableConcept
  readonly source: CodeSource
}

const snomed = (source: CodeSource, code: string, display: string, text = display): KnownCode => ({
  source,
  concept: { coding: [{ system: systems.snomedCt, code, display }], text },
})

/** Every SNOMED CT code that lives use, by name. What we were not sure of is said in words only. */
const known = {
  hypertension: snomed('england', '38341003', 'Hypertensive disorder', 'Hypertension'),
  diabetes: snomed('england', '44054006', 'Type 2 diabetes mellitus'),
  asthma: snomed('england', '195967001', 'Asthma'),
  copd: snomed('edition', '13645005', 'Chronic obstructive pulmonary disease', 'COPD'),
  heartFailure: snomed('edition', '84114007', 'Heart failure'),
  fibrillation: snomed('synthea', '49436004', 'Atrial fibrillation'),
  coronary: snomed('synthea', '53741008', 'Coronary arteriosclerosis', 'Coronary heart disease'),
  stroke: snomed('england', '230690007', 'Cerebrovascular accident', 'Stroke'),
  kidney: snomed('edition', '709044004', 'Chronic kidney disease'),
  depression: snomed('edition', '35489007', 'Depressive disorder', 'Depression'),
  psychosis: snomed('edition', '58214004', 'Schizophrenia'),
  dementia: snomed('england', '52448006', 'Dementia'),
  epilepsy: snomed('england', '84757009', 'Epilepsy'),
  learningDisability: snomed('edition', '110359009', 'Intellectual disability', 'Learning disability'),
  osteoporosis: snomed('synthea', '64859006', 'Osteoporosis'),
  kneeArthritis: snomed('synthea', '239873007', 'Osteoarthritis of knee'),
  hipArthritis: snomed('synthea', '239872002', 'Osteoarthritis of hip'),
  cataract: snomed('edition', '193570009', 'Cataract'),
  obesity: snomed('edition', '414916001', 'Obesity'),
  prediabetes: snomed('synthea', '15777000', 'Prediabetes'),
  breastCancer: snomed('edition', '254837009', 'Malignant neoplasm of breast'),
  prostateCancer: snomed('edition', '399068003', 'Malignant tumor of prostate', 'Prostate cancer'),
  lungCancer: snomed('edition', '363358000', 'Malignant tumor of lung', 'Lung cancer'),
  bowelCancer: snomed('edition', '363406005', 'Malignant tumor of colon', 'Bowel cancer'),
  pregnancy: snomed('edition', '77386006', 'Pregnancy'),
  birthWeight: snomed('england', '364589006', 'Birth weight'),
  smoker: snomed('england', '77176002', 'Smoker', 'Current smoker'),
  exSmoker: snomed('england', '8517006', 'Ex-smoker'),
  neverSmoked: snomed('england', '266919005', 'Never smoked tobacco'),
  penicillinAllergy: snomed('edition', '91936005', 'Allergy to penicillin'),
  noKnownAllergy: snomed('england', '716186003', 'No known allergy'),
  chestInfection: snomed('edition', '50417007', 'Lower respiratory tract infection', 'Chest infection'),
  coldOrCough: snomed('edition', '54150009', 'Upper respiratory infection'),
  urineInfection: snomed('edition', '68566005', 'Urinary tract infectious disease', 'Urinary tract infection'),
  earInfection: snomed('synthea', '65363002', 'Otitis media'),
  soreThroat: snomed('edition', '162397003', 'Pain in throat', 'Sore throat'),
  backPain: snomed('edition', '279039007', 'Low back pain'),
  rash: snomed('edition', '271807003', 'Eruption of skin', 'Rash'),
  headache: snomed('edition', '25064002', 'Headache'),
  abdominalPain: snomed('england', '21522001', 'Abdominal pain'),
  chestPain: snomed('edition', '29857009', 'Chest pain'),
  breathless: snomed('edition', '267036007', 'Dyspnea', 'Breathlessness'),
  tiredness: snomed('edition', '84229001', 'Fatigue', 'Tiredness'),
  anxiety: snomed('edition', '48694002', 'Anxiety'),
  fall: snomed('edition', '161898004', 'Falls'),
  ankleSprain: snomed('synthea', '44465007', 'Sprain of ankle'),
  pneumonia: snomed('edition', '233604007', 'Pneumonia'),
  hipFracture: snomed('edition', '5913000', 'Fracture of neck of femur', 'Hip fracture'),
  hba1c: snomed(
    'england',
    '999791000000106',
    'Haemoglobin A1c level - International Federation of Clinical Chemistry and Laboratory Medicine standardised',
    'HbA1c',
  ),
  egfr: snomed(
    'england',
    '1011481000000105',
    'eGFR (estimated glomerular filtration rate) using creatinine Chronic Kidney Disease Epidemiology Collaboration equation per 1.73 square metres',
    'eGFR',
  ),
  creatinine: snomed('england', '1000731000000107', 'Serum creatinine level'),
  potassium: snomed('england', '1000651000000109', 'Serum potassium level'),
  sodium: snomed('england', '1000661000000107', 'Serum sodium level'),
  haemoglobin: snomed('england', '1107511000000100', 'Haemoglobin mass concentration in blood', 'Haemoglobin'),
  whiteCells: snomed('england', '1110441000000100', 'White blood cell count in blood', 'White cell count'),
  platelets: snomed('england', '1108041000000107', 'Platelet count in blood', 'Platelet count'),
  alt: snomed('england', '1018251000000107', 'Serum alanine aminotransferase level', 'ALT'),
  bloodCount: snomed('england', '26604007', 'Full blood count'),
  news2: snomed(
    'england',
    '1104051000000101',
    'Royal College of Physicians NEWS2 (National Early Warning Score 2) total score',
    'NEWS2',
  ),
  bodyMassIndex: snomed('england', '60621009', 'Body mass index', 'BMI'),
  reasonableAdjustment: snomed(
    'england',
    '1108111000000107',
    'Requires reasonable adjustment for health and care access (Equality Act 2010)',
  ),
  emergencyPlan: snomed('england', '887701000000100', 'Emergency health care plan'),
  supportPlan: snomed('england', '2181441000000107', 'Personalised care and support plan'),
  carePlan: snomed('england', '734163000', 'Care plan'),
  dischargeSummary: snomed('england', '373942005', 'Discharge summary'),
  pharmacyFirst: snomed(
    'england',
    '2140231000000104',
    'Referral to Community Pharmacy Pharmacy First Service',
    'Pharmacy First',
  ),
  flu: snomed('england', '822851000000102', 'Seasonal influenza vaccination'),
  covid: snomed(
    'england',
    '1240491000000103',
    'Severe acute respiratory syndrome coronavirus 2 vaccination',
    'COVID-19 vaccination',
  ),
  rsv: snomed(
    'england',
    '1303503001',
    'Administration of RSV (respiratory syncytial virus) vaccine',
    'RSV vaccination',
  ),
  pneumococcal: snomed('england', '12866006', 'Administration of pneumococcal vaccine', 'Pneumococcal vaccination'),
  pertussis: snomed('england', '956951000000104', 'Pertussis vaccination in pregnancy'),
  colonoscopy: snomed('england', '73761001', 'Colonoscopy'),
  echocardiogram: snomed('synthea', '433236007', 'Transthoracic echocardiography', 'Echocardiogram'),
  boneScan: snomed('synthea', '312681000', 'Bone density scan', 'DEXA scan'),
  chestXray: snomed('synthea', '399208008', 'Plain chest X-ray', 'Chest X-ray'),
  chestCt: snomed('england', '169069000', 'Computed tomography of chest', 'CT of chest'),
  mri: snomed('edition', '113091000', 'Magnetic resonance imaging', 'MRI'),
  ct: snomed('edition', '77477000', 'Computed tomography', 'CT'),
  ultrasound: snomed('edition', '16310003', 'Ultrasonography', 'Ultrasound'),
  gastroscopy: snomed('edition', '1386000', 'Esophagogastroduodenoscopy', 'Gastroscopy'),
  cystoscopy: snomed('edition', '24139008', 'Cystoscopy'),
  hipReplacement: snomed('edition', '52734007', 'Total replacement of hip', 'Hip replacement'),
  kneeReplacement: snomed('edition', '609588000', 'Total knee replacement', 'Knee replacement'),
  cataractSurgery: snomed('edition', '54885007', 'Extraction of cataract', 'Cataract surgery'),
  herniaRepair: snomed('edition', '44558001', 'Repair of inguinal hernia', 'Hernia repair'),
  gallbladder: snomed('edition', '38102005', 'Cholecystectomy', 'Gallbladder removal'),
  pacemaker: snomed('edition', '307280005', 'Implantation of cardiac pacemaker', 'Pacemaker implantation'),
  tonsils: snomed('edition', '173422009', 'Tonsillectomy'),
  gp: snomed('england', '62247001', 'General practitioner'),
} as const satisfies Readonly<Record<string, KnownCode>>

export type CodeName = keyof typeof known

/** A coded thing. */
export const coded = (name: CodeName): CodeableConcept => known[name].concept

/** All codes with where we know them from, for tests and for the portrait. */
export const codeTable: readonly (readonly [name: string, source: CodeSource, concept: CodeableConcept])[] =
  Object.entries(known).map(([name, { source, concept }]) => [name, source, concept])

/** A thing said in words only, as much of a real record is. */
export const inWords = (text: string): CodeableConcept => ({ text })

/** A LOINC code, with the SNOMED CT code of UK Core's examples where it has one. */
const loinc = (code: string, display: string, uk?: readonly [code: string, display: string]): CodeableConcept => ({
  coding: [
    { system: systems.loinc, code, display },
    ...(uk === undefined ? [] : [{ system: systems.snomedCt, code: uk[0], display: uk[1] }]),
  ],
  text: display,
})

/** LOINC codes of the R4 vital signs profiles. */
export const vitals = {
  pressure: loinc('85354-9', 'Blood pressure', ['75367002', 'Blood pressure']),
  systolic: loinc('8480-6', 'Systolic blood pressure', ['72313002', 'Systolic arterial pressure']),
  diastolic: loinc('8462-4', 'Diastolic blood pressure', ['1091811000000102', 'Diastolic arterial pressure']),
  weight: loinc('29463-7', 'Body weight'),
  pulse: loinc('8867-4', 'Heart rate'),
  temperature: loinc('8310-5', 'Body temperature'),
  oxygen: loinc('2708-6', 'Oxygen saturation'),
  breathing: loinc('9279-1', 'Respiratory rate'),
} as const
