import { inWords } from '../codes.ts'
import { nearest, type Organisation } from '../ics/organisations.ts'
import { at, dayOf } from '../london.ts'
import { ownExtension } from '../make/encounters.ts'
import { observation } from '../make/findings.ts'
import { task } from '../make/plans.ts'
import { has } from './conditions.ts'
import type { Life } from './life.ts'
import { smoking } from './reviews.ts'
import { clinicTime } from './working-hours.ts'

/** A screening programme: who, how often, and what comes of it (prevention-and-screening.md F). */
interface Programme {
  readonly name: string
  readonly eligible: (life: Life, age: number, day: number) => boolean
  readonly everyDays: number
  /** Share of the invited who come; lower where people are poorer. A setting. */
  readonly uptake: number
  readonly result: readonly (readonly [text: string, weight: number])[]
  readonly inHospital: boolean
}

const programmes: readonly Programme[] = [
  {
    name: 'Breast screening',
    everyDays: 1095,
    uptake: 0.68,
    inHospital: true,
    eligible: ({ person }, age) => person.sex === 'female' && age >= 50 && age < 71,
    result: [
      ['Normal: routine recall in 3 years', 96],
      ['Recalled for assessment', 4],
    ],
  },
  {
    name: 'Bowel screening',
    everyDays: 730,
    uptake: 0.69,
    inHospital: true,
    eligible: (_life, age) => age >= 50 && age < 75,
    result: [
      ['FIT below 120 µg/g: routine recall in 2 years', 98],
      ['FIT 120 µg/g or more: specialist practitioner', 2],
    ],
  },
  {
    name: 'Cervical screening',
    everyDays: 1826,
    uptake: 0.68,
    inHospital: false,
    eligible: ({ person }, age) => person.sex === 'female' && age >= 24.5 && age < 65,
    result: [
      ['HPV negative: routine recall', 90],
      ['HPV positive, cytology normal: recall in 12 months', 6],
      ['HPV positive, abnormal: colposcopy', 4],
    ],
  },
  {
    name: 'Abdominal aortic aneurysm screening',
    everyDays: 40_000,
    uptake: 0.8,
    inHospital: true,
    eligible: ({ person }, age) => person.sex === 'male' && age >= 65 && age < 66,
    result: [
      ['Below 3.0 cm: discharged', 98.6],
      ['3.0 to 4.4 cm: yearly', 1.2],
      ['5.5 cm or more: vascular surgeon', 0.2],
    ],
  },
  {
    name: 'Diabetic eye screening',
    everyDays: 365,
    uptake: 0.8,
    inHospital: true,
    eligible: (life, age, day) => age >= 12 && has(life, 'diabetes', day),
    result: [
      ['R0 M0 both eyes', 68],
      ['R1 M0', 24],
      ['R1 M1: surveillance', 6],
      ['R2: hospital eye service', 1.5],
      ['R3A: urgent', 0.5],
    ],
  },
  {
    name: 'Lung cancer screening',
    everyDays: 730,
    uptake: 0.5,
    inHospital: true,
    eligible: (life, age) => age >= 55 && age < 75 && smoking(life) !== 'neverSmoked',
    result: [
      ['Below the risk threshold: no scan', 50],
      ['Scan negative: 24 months', 43],
      ['Indeterminate nodule: 3 months', 6],
      ['Suspicious: multidisciplinary team', 1],
    ],
  },
]

/** Invitations, and what came of them: nobody who was invited stays without an outcome. */
export function screening(life: Life): void {
  for (const programme of programmes) {
    const dice = life.dice('screening', programme.name)
    // Where in the interval somebody is on the first day.
    let day = dayOf(life.start) - 120 + dice.below(Math.min(programme.everyDays, 1826))
    for (let n = 0; day <= dayOf(life.until); n++, day += programme.everyDays)
      if (programme.eligible(life, life.age(day), day)) invite(life, programme, day, n)
  }
}

function invite(life: Life, programme: Programme, day: number, n: number): void {
  const dice = life.dice('invite', programme.name, n)
  const { person } = life
  const sent = at(day, 6 * 60)
  const place: Organisation = programme.inHospital ? nearest('acute', person.home) : person.practice
  const desk = life.desk(place)
  if (!life.free(sent)) return
  const name = `screening-${programme.name.split(' ')[0]?.toLowerCase() ?? ''}-${n}`
  const invitation = (status: 'requested' | 'completed' | 'cancelled', business: string, to = sent) =>
    task(desk, name, {
      what: `${programme.name} invitation`,
      status,
      business,
      from: sent,
      to,
      extension: [{ url: `${ownExtension}/screening-programme`, valueString: programme.name }],
    })
  desk.put(sent, invitation('requested', 'invited'), (death) => invitation('cancelled', 'ceased: died', death))
  const comes = dice.chance(programme.uptake * (0.87 + 0.026 * person.home.area.decile))
  const from = clinicTime(dice, day + dice.between(21, 60), 15)
  if (!comes) return desk.put(sent + 90 * 1440, invitation('completed', 'did not take part', sent + 90 * 1440))
  if (!life.free(from)) return
  const told = from + dice.between(6, 13) * 1440
  const text = dice.weighted(programme.result)
  desk.put(
    told,
    observation(desk, `${name}-result`, {
      code: inWords(`${programme.name} result`),
      category: 'survey',
      when: from,
      issued: told,
      text,
    }),
  )
  desk.put(told, invitation('completed', 'result given', told))
}
