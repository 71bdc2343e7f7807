import type { RelatedPerson } from 'fhir/r4.js'
import { coded, inWords } from '../codes.ts'
import { colleague } from '../ics/staff.ts'
import { dayOf, isoDay, isoMoment } from '../london.ts'
import { ownExtension } from '../make/encounters.ts'
import { observation } from '../make/findings.ts'
import { flag } from '../make/plans.ts'
import { has } from './conditions.ts'
import type { Life } from './life.ts'
import { smoking } from './reviews.ts'
import { clinicTime } from './working-hours.ts'

const roles = {
  spouse: { code: 'SPS', display: 'spouse' },
  parent: { code: 'PRN', display: 'parent' },
  child: { code: 'CHILD', display: 'child' },
} as const

/** What the practice knows from registration: family, carers, allergies, adjustments, the app, choices about data. */
export function registration(life: Life): void {
  const { person } = life
  const desk = life.desk(person.practice)
  const dice = life.dice('registration')
  const known = clinicTime(dice, dayOf(life.start) + (person.birth === undefined ? 0 : 12))
  for (const relative of person.relatives.slice(0, 3)) {
    const entry: RelatedPerson = {
      resourceType: 'RelatedPerson',
      id: desk.id(`family-${relative.key.split('-')[1] ?? ''}`),
      identifier: [{ system: 'https://linchpin.example/fhir/synthetic-person', value: relative.key }],
      active: true,
      patient: desk.subject,
      relationship: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', ...roles[relative.relationship] }] },
        ...(relative.caresForThem ? [inWords('Unpaid carer')] : []),
      ],
      name: [{ family: relative.name.family, given: [relative.name.given] }],
      gender: relative.sex,
    }
    desk.put(known, entry)
  }
  allergies(life, known)
  adjustments(life, known)
  choices(life, known)
  if (life.age(dayOf(known)) >= 16)
    desk.put(
      known,
      observation(desk, 'smoking', { code: coded(smoking(life)), category: 'social-history', when: known }),
    )
}

function allergies(life: Life, known: number): void {
  const dice = life.dice('allergy')
  const allergic = dice.chance(0.06)
  // Nothing recorded is common, and is not the same as none known.
  if (!allergic && !dice.chance(0.5)) return
  const desk = life.desk(life.person.practice)
  desk.put(known, {
    resourceType: 'AllergyIntolerance',
    id: desk.id('allergy'),
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
    verificationStatus: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
          code: allergic ? 'confirmed' : 'unconfirmed',
        },
      ],
    },
    code: coded(allergic ? 'penicillinAllergy' : 'noKnownAllergy'),
    patient: desk.subject,
    recordedDate: isoMoment(known),
    recorder: colleague(life.person.practice, 'General practitioner', dice.below(4)),
  })
}

const adjustmentTexts = [
  'Needs an interpreter',
  'Needs letters in large print',
  'Needs longer appointments',
  'Needs step-free access',
  'Needs a carer to be present',
] as const

function adjustments(life: Life, known: number): void {
  const dice = life.dice('adjustment')
  const { person } = life
  const interpreter = person.language !== 'en' && dice.chance(0.8)
  const disabled = has(life, 'learningDisability', dayOf(known)) || has(life, 'dementia', dayOf(known))
  if (!interpreter && !dice.chance(disabled ? 0.8 : 0.025)) return
  const desk = life.desk(person.practice)
  const text = interpreter ? adjustmentTexts[0] : dice.pick(adjustmentTexts.slice(1))
  desk.put(known, flag(desk, 'adjustment', 'Reasonable adjustment', coded('reasonableAdjustment'), dayOf(known), text))
}

/** 75 per cent of adults use the app (APP-75 in targets.json); a few opt out of uses beyond care. */
function choices(life: Life, known: number): void {
  const { person } = life
  const dice = life.dice('choices')
  const age = life.age(dayOf(known))
  if (age < 16) return
  const desk = life.desk(person.practice)
  const app = dice.chance(age < 65 ? 0.82 : age < 80 ? 0.6 : 0.22)
  const since = dayOf(known) - dice.between(30, 900)
  if (app)
    desk.put(known, {
      resourceType: 'Basic',
      id: desk.id('app'),
      extension: [
        { url: `${ownExtension}/app-registered`, valueDate: isoDay(since) },
        { url: `${ownExtension}/identity-level`, valueCode: dice.chance(0.92) ? 'P9' : 'P5' },
      ],
      code: inWords('Registered for the app'),
      subject: desk.subject,
    })
  if (dice.chance(0.05))
    desk.put(
      known,
      flag(
        desk,
        'opt-out',
        'Choice',
        inWords('National data opt-out'),
        since,
        'Has opted out of uses of their data beyond their own care',
      ),
    )
}
