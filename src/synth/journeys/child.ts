import type { FhirResource } from 'fhir/r4.js'
import { adjustmentsOf } from './adjustments.ts'
import { codes, words } from './codes.ts'
import { allergy, condition, contact, document, prescription, supply, vaccination } from './entries.ts'
import {
  bornBefore,
  by,
  type DemoBundle,
  day,
  demoBundle,
  type Feed,
  localNumber,
  nhsNumber,
  own,
  patient,
} from './feed.ts'
import { bloodPressure, measures, reading, readings, report } from './findings.ts'
import { type Place, placeReference, places } from './places.ts'
import { appointment, note, plan, provenance, referral, relationships, relative, task } from './plans.ts'

const number = '9990000034'
const inhaler = 'Two puffs through the spacer when wheezy, up to every four hours'
const preventer = words('Clenil Modulite 50micrograms/dose inhaler')
const morning = 'Two puffs through the spacer, morning and evening'

/** Maya Okafor, 8: asthma, eczema and a peanut allergy, known to five organisations. */
export function childJourney(today: Temporal.PlainDate): readonly DemoBundle[] {
  const feed = (place: Place): Feed => ({ place, person: 'maya', today })
  const birthDate = bornBefore(today, { years: 8, months: 4, days: 9 })
  const [surgery, hospital, community] = [feed(places.surgery), feed(places.hospital), feed(places.community)]
  const [pharmacy, ambulance] = [feed(places.pharmacy), feed(places.ambulance)]
  return [
    demoBundle(surgery, [...atSurgery(surgery, birthDate), ...surgeryCare(surgery)]),
    demoBundle(hospital, atHospital(hospital, birthDate)),
    demoBundle(community, atSchool(community, birthDate)),
    demoBundle(pharmacy, atPharmacy(pharmacy, birthDate)),
    demoBundle(ambulance, inAmbulance(ambulance, birthDate)),
  ]
}

const home = { use: 'home' as const, line: ['27 Albion Terrace'], city: 'Leeds', postalCode: 'LS6 9ZZ' }

const atSurgery = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number), localNumber(feed, '40817')],
    name: [{ use: 'official', family: 'Okafor', given: ['Maya', 'Ngozi'], prefix: ['Miss'] }],
    gender: 'female',
    birthDate,
    address: [home],
    telecom: [{ system: 'phone', value: '07700 900101', use: 'mobile' }],
    generalPractitioner: [placeReference(feed.place)],
  }),
  relative(feed, 'mother', relationships.mother, {
    name: [{ family: 'Okafor', given: ['Chidinma'] }],
    telecom: [{ system: 'phone', value: '07700 900101' }],
  }),
  condition(feed, 'asthma', codes.asthma, { ago: 880, by: 'lee', note: 'Worse with colds and in cold air.' }),
  condition(feed, 'eczema', codes.eczema, { ago: 2400, by: 'lee' }),
  condition(feed, 'earache', words('Acute otitis media'), { ago: 410, ended: 398, by: 'lee' }),
  allergy(feed, 'peanut', codes.peanutAllergy, {
    ago: 1500,
    by: 'lee',
    reaction: 'Swollen lips and hives',
    severe: true,
  }),
  vaccination(feed, 'flu-last', codes.influenzaVaccine, { ago: 395, by: 'patel' }),
  vaccination(feed, 'flu', codes.influenzaVaccine, { ago: 32, by: 'patel' }),
  vaccination(feed, 'mmr', words('Measles, mumps and rubella vaccine, second dose'), { ago: 1790, by: 'patel' }),
  vaccination(feed, 'preschool', words('Diphtheria, tetanus, pertussis and polio booster'), {
    ago: 1790,
    time: '09:50',
    by: 'patel',
  }),
]

const surgeryCare = (feed: Feed): readonly FhirResource[] => [
  prescription(feed, 'salbutamol', codes.salbutamolInhaler, inhaler, { ago: 60, by: 'lee', reason: codes.asthma }),
  prescription(feed, 'preventer', preventer, morning, { ago: 60, by: 'lee', reason: codes.asthma }),
  prescription(feed, 'emollient', words('Emollient cream'), 'Apply to dry skin as often as needed', {
    ago: 300,
    by: 'patel',
    reason: codes.eczema,
  }),
  prescription(
    feed,
    'amoxicillin',
    words('Amoxicillin 250mg/5ml oral suspension'),
    '5 ml three times a day for 5 days',
    { ago: 410, by: 'lee', stopped: true },
  ),
  prescription(
    feed,
    'adrenaline',
    words('Adrenaline auto-injector 150 micrograms'),
    'Into the outer thigh for a severe reaction. Call 999.',
    { ago: 200, by: 'lee', reason: codes.peanutAllergy },
  ),
  ...readings(
    feed,
    'peak-flow',
    measures.peakFlow,
    [
      [540, 165],
      [420, 180],
      [300, 190],
      [180, 195],
      [95, 150],
      [60, 185],
      [12, 205],
    ],
    'patel',
  ),
  ...readings(
    feed,
    'height',
    measures.height,
    [
      [540, 118.5],
      [300, 122],
      [60, 126.5],
    ],
    'patel',
  ),
  ...readings(
    feed,
    'weight',
    measures.weight,
    [
      [540, 21.4],
      [300, 23.1],
      [60, 25.2],
    ],
    'patel',
  ),
  contact(feed, 'review-last', 'clinic', 'Asthma review', 'Yearly review', { ago: 420, by: 'patel' }),
  contact(feed, 'earache-visit', 'clinic', 'GP appointment', 'Earache and fever for two days', {
    ago: 410,
    time: '16:40',
    by: 'lee',
  }),
  contact(feed, 'review', 'clinic', 'Asthma review', 'After the visit to the emergency department', {
    ago: 60,
    by: 'patel',
  }),
  plan(
    feed,
    'asthma-plan',
    codes.supportPlan,
    'Asthma action plan',
    [
      'Preventer inhaler every morning and evening',
      'Blue inhaler and spacer at school',
      'Six puffs and call 999 when the blue inhaler does not help',
    ],
    { ago: 60, by: 'patel' },
  ),
  referral(
    feed,
    'allergy-clinic',
    'Referral to the children’s allergy clinic',
    'Peanut allergy: is she growing out of it?',
    { ago: 45, by: 'lee', to: placeReference(places.hospital) },
  ),
  task(feed, 'call-back', 'Ask Maya’s mother how the new spacer is working', 5, { ago: 2, by: 'patel' }),
  appointment(feed, 'next', 'Asthma review with the nurse', 28, '15:40', { ago: 12, by: 'patel' }),
]

const atHospital = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number), localNumber(feed, 'H2201934')],
    name: [{ use: 'official', family: 'OKAFOR', given: ['MAYA'] }],
    gender: 'female',
    birthDate,
    address: [{ line: ['27 ALBION TERRACE', 'LEEDS'], postalCode: 'LS69ZZ' }],
  }),
  allergy(feed, 'peanut', codes.peanutAllergy, { ago: 1495, by: 'walsh', reaction: 'Anaphylaxis', severe: true }),
  contact(feed, 'emergency', 'emergency', 'Emergency department', 'Wheeze and breathlessness', {
    ago: 95,
    time: '19:42',
    by: 'shah',
  }),
  reading(feed, 'oxygen', measures.oxygen, 93, { ago: 95, time: '19:55', by: 'adeyemi' }),
  reading(feed, 'oxygen-later', measures.oxygen, 97, { ago: 95, time: '22:40', by: 'adeyemi' }),
  reading(feed, 'pulse', measures.pulse, 128, { ago: 95, time: '19:55', by: 'adeyemi' }),
  reading(feed, 'breathing', measures.breathing, 34, { ago: 95, time: '19:55', by: 'adeyemi' }),
  bloodPressure(feed, 'pressure', 98, 60, { ago: 95, time: '19:55', by: 'adeyemi' }),
  report(feed, 'chest', 'Chest X-ray', 'Clear lungs. No sign of infection.', [], {
    ago: 95,
    time: '20:30',
    by: 'shah',
  }),
  document(
    feed,
    'discharge',
    codes.dischargeSummary,
    'Emergency department discharge: asthma attack',
    [
      'Maya came by ambulance with an asthma attack after three days of a cold.',
      'She was given salbutamol through a spacer and prednisolone. After three hours her oxygen level was 97%.',
      'Please review her inhalers within two working days. Her mother has the action plan.',
    ],
    { ago: 94, time: '00:30', by: 'shah' },
  ),
  document(
    feed,
    'allergy-letter',
    words('Clinic letter'),
    'Children’s allergy clinic: appointment offered',
    ['Thank you for referring Maya. We offer a skin prick test and, if it is small, a supervised peanut challenge.'],
    { ago: 20, by: 'walsh' },
  ),
  appointment(feed, 'allergy', 'Children’s allergy clinic', 19, '10:15', { ago: 20, by: 'walsh' }),
]

const atSchool = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number)],
    name: [{ use: 'usual', family: 'Okafor', given: ['Maya'] }],
    gender: 'female',
    birthDate,
    address: [{ ...home, line: ['27 Albion Terr.'] }],
  }),
  ...adjustmentsOf(feed, 'khan', 700, ['Explain each step and show it on a toy first']),
  contact(feed, 'school', 'community', 'School nurse visit', 'Inhaler technique and emergency kit', {
    ago: 80,
    by: 'khan',
  }),
  contact(feed, 'vision', 'community', 'Vision screening at school', 'Reception year screening', {
    ago: 1200,
    by: 'khan',
  }),
  plan(
    feed,
    'school-plan',
    words('School health plan'),
    'What school does when Maya is wheezy or eats nuts',
    [
      'Blue inhaler and spacer in the classroom',
      'Adrenaline pen in the office: staff trained',
      'Call her mother, then 999',
    ],
    { ago: 79, by: 'khan' },
  ),
  note(feed, 'school-note', 'School asks for a second spacer. Passed to the surgery.', { ago: 8, by: 'khan' }),
  provenance(feed, 'school-note-author', own(feed, 'Communication', 'school-note'), by(feed, 'khan'), { ago: 8 }),
]

const atPharmacy = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number, false)],
    name: [{ text: 'Miss Maya Okafor' }],
    gender: 'female',
    birthDate,
    address: [{ postalCode: 'ls6 9zz', text: '27 Albion Terrace, Leeds, ls6 9zz' }],
  }),
  ...[520, 400, 285, 170, 58].map((ago) =>
    supply(feed, `salbutamol-${ago}`, codes.salbutamolInhaler, inhaler, { ago, by: 'owusu' }),
  ),
  ...[170, 110, 58, 4].map((ago) => supply(feed, `preventer-${ago}`, preventer, morning, { ago, by: 'owusu' })),
]

/** The ambulance did not know the number: it is found by name, birth date and postcode. */
const inAmbulance = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    name: [{ family: 'Okafor', given: ['Maya'] }],
    gender: 'female',
    birthDate,
    address: [home],
  }),
  contact(feed, 'call', 'emergency', '999 call: breathing difficulty', 'Child with asthma, blue inhaler not helping', {
    ago: 95,
    time: '19:05',
    by: 'clarke',
  }),
  reading(feed, 'oxygen', measures.oxygen, 91, { ago: 95, time: '19:14', by: 'clarke' }),
  reading(feed, 'pulse', measures.pulse, 136, { ago: 95, time: '19:14', by: 'clarke' }),
  document(
    feed,
    'sheet',
    words('Ambulance report'),
    `Ambulance report of ${day(feed, 95)}`,
    [
      'On arrival sitting forward, talking in words. Salbutamol nebuliser on the way. Improving on handover at City Hospital 19:38.',
    ],
    { ago: 95, time: '19:45', by: 'clarke' },
  ),
]
