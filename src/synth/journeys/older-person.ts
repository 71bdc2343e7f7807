import type { FhirResource } from 'fhir/r4.js'
import { adjustmentsOf } from './adjustments.ts'
import { codes, medicines, words } from './codes.ts'
import { allergy, condition, contact, document, prescription, vaccination } from './entries.ts'
import { bornBefore, type DemoBundle, demoBundle, type Feed, idOf, localNumber, nhsNumber, patient } from './feed.ts'
import { bloodPressure, bloodPressures, measures, reading, readings, report } from './findings.ts'
import { atCareHome, careHomeNotes, inCommunity } from './older-person-home.ts'
import { atHospital, hospitalStay } from './older-person-hospital.ts'
import { type Place, placeReference, places } from './places.ts'
import { alert, appointment, plan, relationships, relative, task } from './plans.ts'
import { daughter, formerHome, siobhanNumber, willowHouse } from './siobhan.ts'

/** Siobhan O'Reilly, 84: frail, with Alzheimer's disease, in a care home since she broke her hip. Six organisations. */
export function olderPersonJourney(today: Temporal.PlainDate): readonly DemoBundle[] {
  const feed = (place: Place): Feed => ({ place, person: 'siobhan', today })
  const birthDate = bornBefore(today, { years: 84, months: 8, days: 8 })
  const [surgery, hospital, careHome] = [feed(places.surgery), feed(places.hospital), feed(places.careHome)]
  const [community, council, ambulance] = [feed(places.community), feed(places.council), feed(places.ambulance)]
  return [
    demoBundle(surgery, [...atSurgery(surgery, birthDate), ...surgeryCare(surgery)]),
    demoBundle(hospital, [...atHospital(hospital, birthDate), ...hospitalStay(hospital)]),
    demoBundle(careHome, [...atCareHome(careHome, birthDate), ...careHomeNotes(careHome)]),
    demoBundle(community, inCommunity(community, birthDate)),
    demoBundle(council, atCouncil(council, birthDate)),
    demoBundle(ambulance, inAmbulance(ambulance, birthDate)),
  ]
}

/** Id of the daughter in the surgery's records: what lets her see her mother's record. */
export const daughterId = (today: Temporal.PlainDate): string =>
  idOf({ place: places.surgery, person: 'siobhan', today }, 'daughter')

const atSurgery = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(siobhanNumber), localNumber(feed, '10276')],
    name: [
      { use: 'official', family: "O'Reilly", given: ['Siobhan', 'Mary'], prefix: ['Mrs'] },
      { use: 'maiden', family: 'Gallagher', given: ['Siobhan', 'Mary'] },
    ],
    gender: 'female',
    birthDate,
    address: [willowHouse, { ...formerHome, use: 'old' }],
    telecom: [{ system: 'phone', value: '0113 496 0808' }],
    generalPractitioner: [placeReference(feed.place)],
  }),
  relative(feed, 'daughter', relationships.daughter, daughter),
  condition(feed, 'alzheimers', codes.alzheimers, { ago: 1100, by: 'lee' }),
  condition(feed, 'frailty', words('Severe frailty'), { ago: 290, by: 'lee' }),
  condition(feed, 'osteoporosis', codes.osteoporosis, { ago: 300, by: 'lee' }),
  condition(feed, 'hypertension', codes.hypertension, { ago: 7000, by: 'lee' }),
  condition(feed, 'knee', codes.kneeArthritis, { ago: 4000, by: 'lee' }),
  condition(feed, 'infection', words('Urinary tract infection'), { ago: 75, ended: 66, by: 'lee' }),
  allergy(feed, 'penicillin', codes.penicillinAllergy, {
    ago: 9000,
    by: 'lee',
    reaction: 'Rash and swelling of the face',
    severe: true,
  }),
  vaccination(feed, 'flu-last', codes.influenzaVaccine, { ago: 410, by: 'patel' }),
  vaccination(feed, 'flu', codes.influenzaVaccine, { ago: 41, by: 'patel' }),
  ...adjustmentsOf(feed, 'lee', 290, [
    'Speak slowly, one thing at a time',
    'Her daughter should be there for decisions',
    'Hearing aid in the left ear: check that it is on',
  ]),
]

const surgeryCare = (feed: Feed): readonly FhirResource[] => [
  prescription(feed, 'donepezil', medicines.donepezil, 'One tablet at night', {
    ago: 560,
    by: 'lee',
    reason: codes.alzheimers,
  }),
  prescription(feed, 'amlodipine', words('Amlodipine 5mg tablets'), 'One tablet in the morning', {
    ago: 1500,
    by: 'lee',
    stopped: true,
  }),
  prescription(
    feed,
    'alendronic',
    words('Alendronic acid 70mg tablets'),
    'One tablet once a week, sitting up, with a full glass of water',
    { ago: 280, by: 'lee', reason: codes.osteoporosis },
  ),
  prescription(feed, 'calcium', words('Calcium and vitamin D tablets'), 'One tablet twice a day', {
    ago: 280,
    by: 'lee',
  }),
  prescription(feed, 'paracetamol', words('Paracetamol 500mg tablets'), 'Two tablets four times a day', {
    ago: 280,
    by: 'lee',
  }),
  prescription(
    feed,
    'nitrofurantoin',
    words('Nitrofurantoin 100mg modified-release capsules'),
    'One capsule twice a day for 3 days',
    { ago: 75, by: 'lee', stopped: true },
  ),
  ...bloodPressures(
    feed,
    [
      [560, 138, 76],
      [440, 132, 74],
      [280, 112, 62],
      [160, 118, 66],
      [75, 108, 60],
    ],
    'patel',
  ),
  ...readings(
    feed,
    'egfr',
    measures.egfr,
    [
      [560, 62],
      [280, 55],
      [75, 47],
      [30, 52],
    ],
    'lee',
  ),
  ...readings(
    feed,
    'sodium',
    measures.sodium,
    [
      [560, 139],
      [280, 136],
      [75, 131],
      [30, 135],
    ],
    'lee',
  ),
  report(
    feed,
    'bloods',
    'Kidney function',
    'Better after the infection. Repeat in three months.',
    ['egfr-30', 'sodium-30'],
    { ago: 30, by: 'lee' },
  ),
  contact(feed, 'home-visit', 'home', 'Care home visit', 'More confused, passing water often', { ago: 75, by: 'lee' }),
  contact(feed, 'ward-round', 'home', 'Weekly care home round', 'Medicines review', { ago: 30, by: 'lee' }),
  plan(
    feed,
    'care-plan',
    codes.supportPlan,
    'Siobhan’s care and support plan',
    ['Stay at Willow House when that can be done safely', 'Comfort before tests', 'Call Niamh first, day or night'],
    { ago: 270, by: 'lee' },
  ),
  document(
    feed,
    'respect',
    codes.respectForm,
    'ReSPECT form',
    [
      'Priority: comfort. Not for resuscitation. Hospital only for what cannot be treated at Willow House, such as a broken bone.',
      'Discussed with Siobhan and her daughter Niamh.',
    ],
    { ago: 268, by: 'lee' },
  ),
  alert(feed, 'respect-flag', 'Plan', words('ReSPECT form in place'), { ago: 268, by: 'lee' }),
  task(feed, 'weight', 'Review weight loss and food supplements', 3, { ago: 4, by: 'lee' }),
  appointment(feed, 'round', 'Care home round', 5, '14:00', { ago: 9, by: 'lee' }),
]

const atCouncil = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(siobhanNumber, false), localNumber(feed, 'ASC-55120')],
    name: [{ text: "Mrs Siobhan O'Reilly" }],
    gender: 'female',
    birthDate,
    address: [{ ...formerHome, use: 'old' }, willowHouse],
  }),
  contact(feed, 'assessment', 'community', 'Care Act assessment', 'Before leaving hospital', { ago: 318, by: 'marsh' }),
  document(
    feed,
    'assessment-report',
    words('Care and support assessment'),
    'Care and support assessment',
    [
      'Needs help to wash, dress, eat and stay safe at night. Niamh cared for her at home for four years.',
      'Outcome: residential care at Willow House. Carer’s assessment offered to Niamh.',
    ],
    { ago: 314, by: 'marsh' },
  ),
  plan(
    feed,
    'support-plan',
    words('Care and support plan'),
    'Council care and support plan',
    ['Residential care', 'Review every year or when needs change'],
    { ago: 312, by: 'marsh' },
  ),
  task(feed, 'review', 'Yearly review of the care and support plan', 40, { ago: 20, by: 'marsh' }),
]

/** The ambulance did not know the number: it is found by name, birth date and the address of that day. */
const inAmbulance = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    name: [{ family: "O'Reilly", given: ['Siobhan'] }],
    gender: 'female',
    birthDate,
    address: [{ ...formerHome, postalCode: 'LS8 9ZY' }],
  }),
  contact(feed, 'call', 'emergency', '999 call: fall', 'Found on the kitchen floor by her daughter', {
    ago: 330,
    time: '06:55',
    by: 'clarke',
  }),
  reading(feed, 'pulse', measures.pulse, 98, { ago: 330, time: '07:08', by: 'clarke' }),
  bloodPressure(feed, 'pressure', 106, 60, { ago: 330, time: '07:08', by: 'clarke' }),
  document(
    feed,
    'sheet',
    words('Ambulance report'),
    'Ambulance report',
    ['Left leg shorter and turned out. Pain relief given. Daughter came along. Handed over at City Hospital 07:46.'],
    { ago: 330, time: '07:50', by: 'clarke' },
  ),
]
