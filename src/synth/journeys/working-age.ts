import type { FhirResource } from 'fhir/r4.js'
import { adjustmentsOf } from './adjustments.ts'
import { codes, medicines, words } from './codes.ts'
import { allergy, condition, contact, document, medicine, procedure, supply, vaccination } from './entries.ts'
import { bornBefore, by, type DemoBundle, demoBundle, type Feed, localNumber, nhsNumber, own, patient } from './feed.ts'
import { measures, reading, readings, report } from './findings.ts'
import { type Place, placeReference, places } from './places.ts'
import { appointment, note, plan, provenance, relationships, relative } from './plans.ts'
import { surgeryCare, surgeryResults } from './working-age-surgery.ts'

const number = '9990000018'

/** Daniel Hughes, 47: type 2 diabetes, high blood pressure, depression; known to five organisations. */
export function workingAgeJourney(today: Temporal.PlainDate): readonly DemoBundle[] {
  const feed = (place: Place): Feed => ({ place, person: 'daniel', today })
  const birthDate = bornBefore(today, { years: 47, months: 2, days: 17 })
  const [surgery, hospital, pharmacy] = [feed(places.surgery), feed(places.hospital), feed(places.pharmacy)]
  const [talking, community] = [feed(places.mentalHealth), feed(places.community)]
  return [
    demoBundle(surgery, [...atSurgery(surgery, birthDate), ...surgeryCare(surgery), ...surgeryResults(surgery)]),
    demoBundle(hospital, atHospital(hospital, birthDate)),
    demoBundle(talking, atTalkingTherapies(talking, birthDate)),
    demoBundle(pharmacy, atPharmacy(pharmacy, birthDate)),
    demoBundle(community, inCommunity(community, birthDate)),
  ]
}

const atSurgery = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number), localNumber(feed, '20551')],
    name: [
      { use: 'official', family: 'Hughes', given: ['Daniel', 'Rhys'], prefix: ['Mr'] },
      { use: 'nickname', given: ['Dan'] },
    ],
    gender: 'male',
    birthDate,
    address: [{ use: 'home', line: ['Flat 3', '114 Harrogate Road'], city: 'Leeds', postalCode: 'LS7 9ZZ' }],
    telecom: [
      { system: 'phone', value: '07700 900202', use: 'mobile' },
      { system: 'email', value: 'daniel.hughes@mail.example' },
    ],
    generalPractitioner: [placeReference(feed.place)],
  }),
  relative(feed, 'wife', relationships.wife, {
    name: [{ family: 'Hughes', given: ['Carys'] }],
    telecom: [{ system: 'phone', value: '07700 900203' }],
  }),
  condition(feed, 'diabetes', codes.type2Diabetes, { ago: 1460, by: 'lee' }),
  condition(feed, 'hypertension', codes.hypertension, { ago: 2100, by: 'lee' }),
  condition(feed, 'depression', codes.depression, {
    ago: 330,
    by: 'lee',
    note: 'After losing his job. Talking therapy and sertraline.',
  }),
  condition(feed, 'sprain', words('Sprained ankle'), { ago: 520, ended: 480, by: 'lee' }),
  allergy(feed, 'none', codes.noKnownAllergy, { ago: 500, by: 'patel' }),
  vaccination(feed, 'flu-last', codes.influenzaVaccine, { ago: 400, by: 'patel' }),
  vaccination(feed, 'flu', codes.influenzaVaccine, { ago: 38, by: 'patel' }),
]

const atHospital = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number), localNumber(feed, 'H1187420')],
    name: [{ use: 'official', family: 'HUGHES', given: ['DANIEL', 'R'], prefix: ['MR'] }],
    gender: 'male',
    birthDate,
    address: [{ line: ['FLAT 3, 114 HARROGATE RD'], city: 'LEEDS', postalCode: 'LS79ZZ' }],
    telecom: [{ system: 'phone', value: '07700900202' }],
  }),
  allergy(feed, 'none', codes.noKnownAllergy, { ago: 300, by: 'adeyemi' }),
  contact(feed, 'ankle', 'emergency', 'Emergency department', 'Twisted ankle at football', {
    ago: 520,
    time: '20:15',
    by: 'shah',
  }),
  report(feed, 'ankle-xray', 'X-ray of the left ankle', 'No fracture.', [], { ago: 520, time: '20:50', by: 'shah' }),
  procedure(feed, 'eyes-last', words('Diabetic eye screening'), 'No retinopathy. Again in 12 months.', {
    ago: 480,
    by: 'adeyemi',
  }),
  procedure(feed, 'eyes', words('Diabetic eye screening'), 'Background retinopathy in both eyes. Again in 12 months.', {
    ago: 115,
    by: 'adeyemi',
  }),
  contact(feed, 'eyes-visit', 'clinic', 'Diabetic eye screening', 'Yearly screening', {
    ago: 115,
    time: '12:30',
    by: 'adeyemi',
  }),
  document(
    feed,
    'eyes-letter',
    words('Clinic letter'),
    'Diabetic eye screening result',
    [
      'Your photographs show early changes at the back of both eyes. No treatment is needed now.',
      'Good control of sugar and blood pressure slows these changes. We will invite you again in 12 months.',
    ],
    { ago: 112, by: 'adeyemi' },
  ),
  appointment(feed, 'diabetes', 'Diabetes and kidney clinic', 15, '11:20', { ago: 20, by: 'adeyemi' }),
]

const atTalkingTherapies = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number)],
    name: [{ use: 'usual', family: 'Hughes', given: ['Dan'] }],
    gender: 'male',
    birthDate,
    address: [{ line: ['114 Harrogate Road'], city: 'Leeds', postalCode: 'LS7 9ZZ' }],
  }),
  ...[310, 296, 282, 268, 254, 240].map((ago, index) =>
    contact(feed, `session-${index + 1}`, 'phone', 'Talking therapy session', `Session ${index + 1} of 6`, {
      ago,
      time: '18:00',
      by: 'ferreira',
    }),
  ),
  ...readings(
    feed,
    'phq9',
    { code: words('PHQ-9 score'), unit: 'points', ucum: '{score}', category: 'survey' },
    [
      [310, 16],
      [282, 13],
      [254, 9],
      [240, 7],
    ],
    'ferreira',
  ),
  document(
    feed,
    'end',
    words('End of treatment letter'),
    'Talking therapies: end of treatment',
    [
      'Daniel completed six sessions. His PHQ-9 score went from 16 to 7.',
      'He knows how to come back without a new referral.',
    ],
    { ago: 236, by: 'ferreira' },
  ),
  ...adjustmentsOf(feed, 'ferreira', 310, ['Offer appointments after 5pm or by telephone']),
]

const atPharmacy = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number, false)],
    name: [{ text: 'HUGHES, Daniel' }],
    gender: 'male',
    birthDate,
    address: [{ postalCode: 'LS7 9ZZ' }],
  }),
  ...[200, 144, 88, 32].flatMap((ago) => [
    supply(feed, `metformin-${ago}`, codes.metformin, 'Two tablets with the evening meal', { ago, by: 'owusu' }),
    supply(feed, `ramipril-${ago}`, medicines.ramipril, 'One capsule in the morning', { ago, by: 'owusu' }),
    supply(feed, `sertraline-${ago}`, medicines.sertraline, 'One tablet in the morning', { ago, by: 'owusu' }),
  ]),
  medicine(
    feed,
    'ibuprofen',
    words('Ibuprofen 200mg tablets (bought without prescription)'),
    'Two tablets when his knee hurts',
    { ago: 31, by: 'owusu' },
  ),
  note(
    feed,
    'ibuprofen-note',
    'Buys ibuprofen for his knee. Told him it can harm his kidneys with ramipril. Please review.',
    { ago: 31, by: 'owusu' },
  ),
]

const inCommunity = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(number)],
    name: [{ family: 'Hughs', given: ['Daniel'] }],
    gender: 'male',
    birthDate,
    address: [{ postalCode: 'LS7 9ZZ' }],
  }),
  contact(feed, 'course', 'community', 'Diabetes course', 'Day 1 of 2', { ago: 445, by: 'brown' }),
  contact(feed, 'feet', 'clinic', 'Foot check', 'Yearly diabetic foot check', { ago: 120, by: 'brown' }),
  procedure(
    feed,
    'feet-check',
    words('Diabetic foot examination'),
    'Feeling and pulses normal in both feet. Low risk.',
    { ago: 120, by: 'brown' },
  ),
  contact(feed, 'knee', 'clinic', 'Physiotherapy', 'Pain in the right knee for three months', { ago: 25, by: 'reid' }),
  plan(
    feed,
    'knee-plan',
    codes.carePlan,
    'Exercises for the knee',
    ['Sit to stand, ten times twice a day', 'Cycle instead of run for six weeks'],
    { ago: 25, by: 'reid' },
  ),
  reading(feed, 'weight', measures.weight, 98.3, { ago: 120, by: 'brown' }),
  provenance(feed, 'knee-author', own(feed, 'CarePlan', 'knee-plan'), by(feed, 'reid'), { ago: 25 }),
]
