import { type CodeName, coded, inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { figures } from '../figures.ts'
import { nearest } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { encounter, keepAppointment, namedMoment, rttExtension } from '../make/encounters.ts'
import { condition } from '../make/findings.ts'
import { letter } from '../make/plans.ts'
import { procedure, request } from '../make/treatment.ts'
import { workingDayFrom } from '../working-days.ts'
import type { Life } from './life.ts'
import { orderTest } from './test-order.ts'
import { clinicTime, occurrences } from './working-hours.ts'

interface Site {
  readonly name: string
  readonly code: CodeName
  readonly specialty: readonly [string, string]
  readonly symptom: string
  readonly test: CodeName
  readonly only?: 'female' | 'male'
  readonly weight: number
}

const sites: readonly Site[] = [
  {
    name: 'breast',
    code: 'breastCancer',
    specialty: ['100', 'General Surgery'],
    symptom: 'Breast lump',
    test: 'ultrasound',
    only: 'female',
    weight: 5,
  },
  {
    name: 'prostate',
    code: 'prostateCancer',
    specialty: ['101', 'Urology'],
    symptom: 'Raised PSA',
    test: 'mri',
    only: 'male',
    weight: 4,
  },
  {
    name: 'lung',
    code: 'lungCancer',
    specialty: ['340', 'Respiratory Medicine'],
    symptom: 'Coughing up blood',
    test: 'chestCt',
    weight: 3,
  },
  {
    name: 'bowel',
    code: 'bowelCancer',
    specialty: ['301', 'Gastroenterology'],
    symptom: 'FIT of 10 or more',
    test: 'colonoscopy',
    weight: 4,
  },
]

/** Urgent suspected cancer referrals to a thousand people and year, and how many of them prove to be cancer. Settings. */
const referrals = (age: number): number => (age < 25 ? 3 : age < 50 ? 28 : age < 70 ? 66 : 95)
const confirmed = (age: number): number => (age < 50 ? 0.02 : age < 70 ? 0.07 : 0.11)

/** Urgent suspected cancer: referral, test, being told, and when it is cancer, stage, treatment. */
export function cancerPathways(life: Life): void {
  const dice = life.dice('cancer')
  const age = life.age(dayOf(life.start))
  if (age < 16) return
  occurrences(dice, dayOf(life.start), dayOf(life.until), referrals(age) / 1000).forEach((day, n) =>
    suspected(life, dice.fork(n), day, n, age),
  )
}

function suspected(life: Life, dice: Dice, day: number, n: number, age: number): void {
  const possible = sites.filter(({ only }) => only === undefined || only === life.person.sex)
  const site = dice.weighted(possible.map((each) => [each, each.weight] as const))
  const received = clinicTime(dice, day)
  if (!life.free(received)) return
  const name = `cancer-${n}`
  const practice = life.desk(life.person.practice)
  const trust = nearest('acute', life.person.home)
  const hospital = life.desk(trust)
  const by = colleague(life.person.practice, 'General practitioner', dice.below(4))
  const referral = (
    status: 'active' | 'completed' | 'revoked',
    extension: NonNullable<Parameters<typeof request>[2]['extension']> = [],
  ) =>
    request(practice, name, {
      what: inWords(`Urgent suspected cancer referral: ${site.name}`),
      when: received,
      status,
      priority: 'asap',
      by,
      to: trust,
      specialty: site.specialty,
      reason: inWords(site.symptom),
      category: 'Urgent suspected cancer',
      extension: [namedMoment('clock-start', received), ...extension],
    })
  practice.put(received, referral('active'), (death) =>
    referral('revoked', [namedMoment('clock-stop', death), rttExtension('36')]),
  )
  const seen = clinicTime(dice, dayOf(received) + dice.between(5, 13), 30)
  const consultant = colleague(trust, 'Consultant', dice.below(12))
  const basedOn = { reference: `ServiceRequest/${practice.id(name)}` }
  keepAppointment(
    hospital,
    `${name}-clinic`,
    {
      from: seen,
      minutes: 30,
      booked: received + 1440,
      what: inWords('Rapid access clinic'),
      with: consultant,
      basedOn,
      extension: [rttExtension('10')],
    },
    { status: 'fulfilled', known: seen + 10 },
  )
  const reported = orderTest(life, dice, `${name}-test`, {
    test: site.test,
    when: seen + 20,
    from: hospital,
    urgent: true,
    place: trust,
  })
  const told = toldOn(dice, received, reported)
  const cancer = dice.chance(confirmed(age))
  hospital.put(
    told,
    letter(
      hospital,
      `${name}-told`,
      inWords('Clinic letter'),
      cancer ? 'Diagnosis of cancer' : 'No cancer found',
      told,
      cancer ? 'The diagnosis was explained; a specialist nurse is named.' : 'Cancer has been ruled out.',
    ),
  )
  const outcome = [
    namedMoment('told', told),
    {
      url: 'https://linchpin.example/fhir/StructureDefinition/cancer-outcome',
      valueString: cancer ? 'cancer' : 'no cancer',
    },
  ]
  if (!cancer)
    return practice.put(told, referral('completed', [...outcome, namedMoment('clock-stop', told), rttExtension('34')]))
  practice.put(told, referral('active', outcome), (death) =>
    referral('revoked', [...outcome, namedMoment('clock-stop', death), rttExtension('36')]),
  )
  treat(life, dice, name, site, received, told, (when) =>
    practice.put(when, referral('completed', [...outcome, namedMoment('clock-stop', when), rttExtension('30')])),
  )
}

/** The day the person is told: the standard is day 28 (waiting-lists.md, FDS). */
function toldOn(dice: Dice, received: Moment, reported: Moment): Moment {
  const within = dice.chance(figures.toldWithin28Days)
  const day = within
    ? Math.max(dayOf(reported), dayOf(received) + dice.between(14, 26))
    : Math.max(dayOf(reported) + 1, dayOf(received) + 29 + Math.round(dice.wait(12)))
  const latest = within ? Math.min(day, Math.max(dayOf(received) + 28, dayOf(reported))) : day
  return Math.max(reported + 30, at(latest, 15 * 60))
}

function treat(
  life: Life,
  dice: Dice,
  name: string,
  site: Site,
  received: Moment,
  told: Moment,
  stop: (when: Moment) => void,
): void {
  const hospital = life.desk(nearest('acute', life.person.home))
  const early = dice.chance(figures.earlyStage)
  const stage = dice.chance(0.08)
    ? undefined
    : early
      ? dice.pick(['Stage 1', 'Stage 2'] as const)
      : dice.pick(['Stage 3', 'Stage 4'] as const)
  const about = { code: coded(site.code), onset: dayOf(told), recorded: told, kind: 'encounter-diagnosis' as const }
  // A cancer is always coded; whether its stage is known is what completeness measures.
  hospital.put(told, condition(hospital, `${name}-diagnosis`, dice, { ...about, stage: stage ?? 'Stage not known' }))
  const decided = clinicTime(dice, dayOf(told) + dice.between(3, 16))
  const within = dice.chance(0.88)
  const sixtyTwo = dayOf(received) + 62
  const day = within
    ? Math.max(dayOf(decided) + 2, sixtyTwo - dice.between(2, 22))
    : Math.max(dayOf(decided) + 5, sixtyTwo + Math.round(dice.wait(20)) + 1)
  const treated = at(workingDayFrom(day), 10 * 60)
  if (!life.free(treated)) return
  const kind = dice.pick(['Surgery', 'Radiotherapy', 'Chemotherapy'] as const)
  const by = colleague(hospital.organisation, 'Consultant', dice.below(12))
  hospital.put(
    treated + 120,
    encounter(hospital, `${name}-treated`, {
      class: 'AMB',
      from: treated,
      to: treated + 120,
      type: inWords(`Cancer treatment: ${kind}`),
      by,
      extension: [namedMoment('decision-to-treat', decided), rttExtension('30')],
    }),
  )
  hospital.put(
    treated + 120,
    procedure(hospital, `${name}-treatment`, {
      code: inWords(`${kind} for ${coded(site.code).text ?? site.name}`),
      from: treated,
      to: treated + 120,
      by,
      encounter: { reference: `Encounter/${hospital.id(`${name}-treated`)}` },
    }),
  )
  stop(treated)
}
