import type { FhirResource } from 'fhir/r4.js'
import { words } from './codes.ts'
import { contact, procedure } from './entries.ts'
import { type Feed, localNumber, nhsNumber, own, patient } from './feed.ts'
import { measures, reading, readings } from './findings.ts'
import { appointment, note, plan, provenance, relationships, relative, task } from './plans.ts'
import { daughter, siobhanNumber, willowHouse } from './siobhan.ts'

/** Siobhan as the care home knows her. */
export const atCareHome = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(siobhanNumber, false), localNumber(feed, 'Room 12')],
    name: [{ use: 'usual', family: "O'Reilly", given: ['Siobhan'] }],
    gender: 'female',
    birthDate,
    address: [willowHouse],
  }),
  relative(feed, 'daughter', relationships.daughter, daughter),
  ...readings(
    feed,
    'weight',
    measures.weight,
    [
      [308, 54.2],
      [278, 53.8],
      [247, 53.9],
      [216, 53.1],
      [186, 52.6],
      [155, 52.4],
      [124, 51.9],
      [94, 51.0],
      [63, 49.6],
      [33, 49.1],
      [4, 48.2],
    ],
    'mensah',
  ),
  contact(feed, 'arrival', 'community', 'Moved in', 'Came from City Hospital', {
    ago: 311,
    time: '15:00',
    by: 'mensah',
  }),
  plan(
    feed,
    'daily',
    words('Daily living plan'),
    'How Siobhan likes her day',
    [
      'Tea before getting up, milk and two sugars',
      'Walks with a frame and one person',
      'Soft food, small plates, finger food in the afternoon',
      'Radio on: she sings along',
    ],
    { ago: 305, by: 'mensah' },
  ),
]

/** What the care home notes from day to day. */
export const careHomeNotes = (feed: Feed): readonly FhirResource[] => [
  note(feed, 'settled', 'Settled well. Niamh visits on Sundays and Wednesdays.', { ago: 290, by: 'mensah' }),
  note(feed, 'confused', 'Very confused last night, going to the toilet every half hour. Surgery called.', {
    ago: 76,
    by: 'mensah',
  }),
  note(feed, 'eating', 'Ate half of lunch and nothing at tea. Likes the milkshakes.', { ago: 5, by: 'mensah' }),
  note(feed, 'walk', 'Walked to the garden room with her frame. Sang with the radio.', { ago: 1, by: 'mensah' }),
  note(feed, 'daughter-note', 'Mum told me her hip hurts in the mornings, more than last month.', {
    ago: 3,
    by: 'mensah',
  }),
  provenance(
    feed,
    'daughter-note-author',
    own(feed, 'Communication', 'daughter-note'),
    { ...own(feed, 'RelatedPerson', 'daughter'), display: "Niamh O'Reilly (daughter)" },
    { ago: 3 },
  ),
  reading(feed, 'temperature', measures.temperature, 37.9, { ago: 76, time: '21:30', by: 'mensah' }),
  reading(feed, 'oxygen', measures.oxygen, 95, { ago: 76, time: '21:32', by: 'mensah' }),
  task(feed, 'supplements', 'Weigh Siobhan and offer a milkshake between meals every day', 2, { ago: 4, by: 'mensah' }),
]

/** This service has recorded no allergy: that is not the same as "none known". */
export const inCommunity = (feed: Feed, birthDate: string): readonly FhirResource[] => [
  patient(feed, {
    identifier: [nhsNumber(siobhanNumber)],
    name: [{ family: "O'Reilly", given: ['Siobhan'] }],
    gender: 'female',
    birthDate,
    address: [{ line: ['Willow House'], postalCode: 'LS8 9ZZ' }],
  }),
  contact(feed, 'physio-1', 'home', 'Physiotherapy at Willow House', 'After hip operation', { ago: 300, by: 'reid' }),
  contact(feed, 'physio-2', 'home', 'Physiotherapy at Willow House', 'Walking with a frame', { ago: 272, by: 'reid' }),
  contact(feed, 'skin', 'home', 'Community nurse visit', 'Red heel', { ago: 110, by: 'brown' }),
  procedure(feed, 'dressing', words('Heel dressing'), 'Skin not broken. Heel protector given.', {
    ago: 110,
    by: 'brown',
  }),
  contact(feed, 'skin-2', 'home', 'Community nurse visit', 'Heel healed', { ago: 82, by: 'brown' }),
  appointment(feed, 'dietitian', 'Dietitian visit', 9, '11:00', { ago: 3, by: 'brown' }),
]
