import type { FhirResource } from 'fhir/r4.js'
import { codes, medicines, words } from './codes.ts'
import { contact, prescription } from './entries.ts'
import type { Feed } from './feed.ts'
import { bloodPressures, measures, readings, report } from './findings.ts'
import { placeReference, places } from './places.ts'
import { appointment, plan, referral, task } from './plans.ts'

/** What the surgery does for Daniel: medicines, visits, plans. */
export const surgeryCare = (feed: Feed): readonly FhirResource[] => [
  prescription(feed, 'metformin', codes.metformin, 'Two tablets with the evening meal', {
    ago: 540,
    by: 'lee',
    reason: codes.type2Diabetes,
  }),
  prescription(feed, 'ramipril-low', words('Ramipril 2.5mg capsules'), 'One capsule in the morning', {
    ago: 900,
    by: 'lee',
    stopped: true,
  }),
  prescription(feed, 'ramipril', medicines.ramipril, 'One capsule in the morning', {
    ago: 210,
    by: 'lee',
    reason: codes.hypertension,
  }),
  prescription(feed, 'atorvastatin', medicines.atorvastatin, 'One tablet at night', { ago: 540, by: 'lee' }),
  prescription(feed, 'sertraline', medicines.sertraline, 'One tablet in the morning', {
    ago: 330,
    by: 'lee',
    reason: codes.depression,
  }),
  contact(feed, 'review-last', 'clinic', 'Diabetes review', 'Yearly review', { ago: 500, by: 'patel' }),
  contact(feed, 'low', 'clinic', 'GP appointment', 'Low mood and poor sleep for two months', {
    ago: 330,
    time: '17:10',
    by: 'lee',
  }),
  contact(feed, 'low-call', 'phone', 'Telephone call', 'How is the new medicine?', {
    ago: 302,
    time: '08:50',
    by: 'lee',
  }),
  contact(feed, 'pressure-visit', 'clinic', 'GP appointment', 'Blood pressure above target', { ago: 210, by: 'lee' }),
  contact(feed, 'review', 'clinic', 'Diabetes review', 'Yearly review', { ago: 130, by: 'patel' }),
  plan(
    feed,
    'plan',
    codes.supportPlan,
    'Living well with diabetes',
    [
      'Walk 30 minutes five days a week',
      'Check feet every evening',
      'HbA1c every three months until below 58',
      'Eye screening every year',
    ],
    { ago: 130, by: 'patel' },
  ),
  referral(feed, 'talking', 'Referral to talking therapies', 'Moderate depression, would like to talk to someone', {
    ago: 330,
    by: 'lee',
    to: placeReference(places.mentalHealth),
    completed: true,
  }),
  referral(feed, 'kidney', 'Referral to the diabetes clinic', 'eGFR falling: 74 to 58 in a year', {
    ago: 40,
    by: 'lee',
    urgent: true,
    to: placeReference(places.hospital),
  }),
  task(feed, 'potassium', 'Repeat potassium and kidney function', 6, { ago: 8, by: 'lee' }),
  appointment(feed, 'next', 'Blood test with the nurse', 6, '08:40', { ago: 8, by: 'patel' }),
]

/** What the surgery measures in Daniel over a year and a half. */
export const surgeryResults = (feed: Feed): readonly FhirResource[] => [
  ...bloodPressures(
    feed,
    [
      [560, 148, 92],
      [500, 146, 90],
      [420, 144, 90],
      [330, 152, 94],
      [260, 150, 93],
      [210, 156, 96],
      [150, 142, 88],
      [130, 138, 86],
      [70, 136, 84],
      [8, 134, 82],
    ],
    'patel',
  ),
  ...readings(
    feed,
    'hba1c',
    measures.hba1c,
    [
      [555, 71],
      [460, 68],
      [370, 66],
      [280, 74],
      [190, 69],
      [130, 64],
      [40, 61],
    ],
    'lee',
  ),
  ...readings(
    feed,
    'egfr',
    measures.egfr,
    [
      [555, 74],
      [370, 71],
      [190, 66],
      [130, 63],
      [40, 58],
    ],
    'lee',
  ),
  ...readings(
    feed,
    'creatinine',
    measures.creatinine,
    [
      [555, 98],
      [370, 101],
      [190, 107],
      [130, 111],
      [40, 119],
    ],
    'lee',
  ),
  ...readings(
    feed,
    'potassium',
    measures.potassium,
    [
      [555, 4.4],
      [370, 4.6],
      [190, 4.9],
      [40, 5.1],
      [8, 5.6],
    ],
    'lee',
  ),
  ...readings(
    feed,
    'sodium',
    measures.sodium,
    [
      [555, 140],
      [370, 139],
      [190, 138],
      [40, 139],
    ],
    'lee',
  ),
  ...readings(
    feed,
    'weight',
    measures.weight,
    [
      [560, 101.2],
      [460, 100.4],
      [330, 103.1],
      [210, 102.0],
      [130, 99.6],
      [8, 97.8],
    ],
    'patel',
  ),
  report(
    feed,
    'bloods',
    'Kidney function',
    'eGFR has fallen since last year. Consider referral.',
    ['egfr-40', 'creatinine-40', 'potassium-40', 'sodium-40'],
    { ago: 40, by: 'lee' },
  ),
]
