import type { FhirResource } from 'fhir/r4.js'
import { codes, medicines, words } from './codes.ts'
import { allergy, condition, contact, document, medicine, procedure } from './entries.ts'
import { type Feed, localNumber, nhsNumber, patient } from './feed.ts'
import { bloodPressure, measures, reading, readings, report } from './findings.ts'
import { placeReference, places } from './places.ts'
import { referral } from './plans.ts'
import { siobhanNumber } from './siobhan.ts'

/** Siobhan at the hospital: a fall, a broken hip, an operation. */
export const atHospital = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(siobhanNumber), localNumber(feed, 'H0095312')],
    name: [{ use: 'official', family: 'OREILLY', given: ['SIOBHAN', 'M'], prefix: ['MRS'] }],
    gender: 'female',
    birthDate,
    address: [{ line: ['9 ROUNDHAY GROVE'], city: 'LEEDS', postalCode: 'LS89ZY' }],
  }),
  allergy(feed, 'penicillin', codes.penicillinAllergy, {
    ago: 330,
    by: 'adeyemi',
    reaction: 'Facial swelling',
    severe: true,
  }),
  condition(feed, 'hip', words('Fracture of left hip'), { ago: 330, ended: 240, by: 'novak' }),
  contact(feed, 'emergency', 'emergency', 'Emergency department', 'Fall at home, cannot stand', {
    ago: 330,
    time: '07:50',
    by: 'shah',
  }),
  contact(feed, 'stay', 'stay', 'Hospital stay: orthogeriatric ward', 'Broken hip', {
    ago: 330,
    time: '11:30',
    days: 19,
    by: 'novak',
  }),
  report(feed, 'hip-xray', 'X-ray of the left hip', 'Displaced fracture of the neck of the left femur.', [], {
    ago: 330,
    time: '08:40',
    by: 'shah',
  }),
  procedure(
    feed,
    'operation',
    words('Hemiarthroplasty of left hip'),
    'No complications. Stood with two helpers on day 1.',
    { ago: 329, by: 'novak' },
  ),
]

/** The nineteen days after it, and what was written about them. */
export const hospitalStay = (feed: Feed): readonly FhirResource[] => [
  ...(
    [
      [329, 4],
      [328, 2],
      [326, 1],
      [322, 0],
      [315, 0],
    ] as const
  ).map(([ago, score]) => reading(feed, `news2-${ago}`, measures.news2, score, { ago, time: '08:00', by: 'adeyemi' })),
  ...readings(
    feed,
    'pulse',
    measures.pulse,
    [
      [330, 96],
      [329, 92],
      [326, 84],
      [315, 78],
    ],
    'adeyemi',
  ),
  ...readings(
    feed,
    'temperature',
    measures.temperature,
    [
      [330, 36.4],
      [328, 37.6],
      [315, 36.7],
    ],
    'adeyemi',
  ),
  bloodPressure(feed, 'pressure-emergency', 104, 58, { ago: 330, time: '08:00', by: 'adeyemi' }),
  medicine(feed, 'donepezil', medicines.donepezil, 'One tablet at night', { ago: 330, by: 'adeyemi' }),
  document(
    feed,
    'discharge',
    codes.dischargeSummary,
    'Discharge summary: broken hip',
    [
      'Admitted after a fall at home. Hip replaced the next day. Some confusion after the operation, now settled.',
      'Amlodipine stopped: blood pressure low. Alendronic acid, calcium and vitamin D started.',
      'Could not go back to living alone. Moved to Willow House with the agreement of Siobhan and her daughter.',
    ],
    { ago: 311, by: 'novak' },
  ),
  referral(feed, 'social-care', 'Referral for a social care assessment', 'Cannot go home safely', {
    ago: 322,
    by: 'novak',
    to: placeReference(places.council),
    completed: true,
  }),
  document(
    feed,
    'memory',
    words('Clinic letter'),
    'Memory clinic review',
    ['Slow decline since last year. Continue donepezil. No further clinic visits needed.'],
    { ago: 190, by: 'novak' },
  ),
]
