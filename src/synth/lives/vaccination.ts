import { type CodeName, coded, inWords } from '../codes.ts'
import { colleague } from '../ics/staff.ts'
import { at, civil, dayNumber, dayOf, weekday } from '../london.ts'
import { immunisation } from '../make/treatment.ts'
import { isWorkingDay } from '../working-days.ts'
import { has } from './conditions.ts'
import type { Life } from './life.ts'
import { clinicTime } from './working-hours.ts'

interface Dose {
  readonly vaccine: string
  readonly dose: number
  /** Age in days, from the schedule's weeks and months (prevention-and-screening.md E). */
  readonly age: number
}

const weeks = (count: number): number => count * 7
const months = (count: number): number => Math.round(count * 30.44)

const childhood: readonly Dose[] = [
  { vaccine: '6-in-1 vaccine', dose: 1, age: weeks(8) },
  { vaccine: 'Rotavirus vaccine', dose: 1, age: weeks(8) },
  { vaccine: 'MenB vaccine', dose: 1, age: weeks(8) },
  { vaccine: '6-in-1 vaccine', dose: 2, age: weeks(12) },
  { vaccine: 'MenB vaccine', dose: 2, age: weeks(12) },
  { vaccine: 'Rotavirus vaccine', dose: 2, age: weeks(12) },
  { vaccine: '6-in-1 vaccine', dose: 3, age: weeks(16) },
  { vaccine: 'Pneumococcal conjugate vaccine', dose: 1, age: weeks(16) },
  { vaccine: 'MMRV vaccine', dose: 1, age: months(12) + 5 },
  { vaccine: 'Pneumococcal conjugate vaccine', dose: 2, age: months(12) + 5 },
  { vaccine: 'MenB vaccine', dose: 3, age: months(12) + 5 },
  { vaccine: '6-in-1 vaccine', dose: 4, age: months(18) },
  { vaccine: 'MMRV vaccine', dose: 2, age: months(18) },
  { vaccine: '4-in-1 pre-school booster', dose: 1, age: months(40) },
  { vaccine: 'HPV vaccine', dose: 1, age: months(153) },
  { vaccine: 'Td/IPV teenage booster', dose: 1, age: months(171) },
  { vaccine: 'MenACWY vaccine', dose: 1, age: months(171) },
]

/** Share of children who come: lower where people are poorer. A setting; the sheet's aim is 95 per cent. */
const childUptake = (decile: number): number => 0.85 + 0.011 * decile

export function childVaccinations(life: Life): void {
  const { person } = life
  if (life.age(dayOf(life.start)) > 16) return
  const practice = life.desk(person.practice)
  childhood.forEach(({ vaccine, dose, age }) => {
    // One visit, one coin: what is due together is given together.
    const dice = life.dice('child-vaccine', age)
    const comes = dice.chance(childUptake(person.home.area.decile))
    const from = clinicTime(dice, person.born + age + dice.between(0, 18))
    if (!comes || !life.free(from)) return
    const name = `vaccine-${vaccine.replace(/[^A-Za-z0-9]/g, '').toLowerCase()}-${dose}`
    practice.put(
      from + 10,
      immunisation(practice, name, {
        vaccine: inWords(vaccine),
        when: from,
        dose,
        by: colleague(person.practice, 'Practice nurse', dice.below(2)),
        lot: `V${dice.between(1000, 1099)}`,
      }),
    )
  })
}

/** Share of those invited who come. Settings. */
const uptake = {
  flu65: 0.76,
  fluRisk: 0.42,
  fluChild: 0.44,
  covid: 0.55,
  rsv: 0.6,
  shingles: 0.5,
  pneumococcal: 0.7,
} as const

/** Flu and COVID-19 each autumn; RSV, shingles, pneumococcal once at their age. */
export function adultVaccinations(life: Life): void {
  const first = civil(dayOf(life.start)).year
  const last = civil(dayOf(life.until)).year
  for (let year = first; year <= last; year++) {
    const october = dayNumber(year, 10, 1)
    const age = life.age(october)
    const risk =
      has(life, 'diabetes', october) ||
      has(life, 'copd', october) ||
      has(life, 'heartFailure', october) ||
      has(life, 'asthma', october)
    const flu = age >= 65 ? uptake.flu65 : risk ? uptake.fluRisk : age >= 2 && age < 4 ? uptake.fluChild : 0
    campaign(life, 'flu', 'Influenza vaccine', october, year, flu)
    campaign(
      life,
      'covid',
      'COVID-19 vaccine',
      october,
      year,
      age >= 75 || life.person.home.careHome !== undefined ? uptake.covid : 0,
    )
    once(life, 'rsv', 'RSV vaccine', october, year, 75, uptake.rsv)
    once(life, 'pneumococcal', 'Pneumococcal polysaccharide vaccine', october, year, 65, uptake.pneumococcal)
    once(life, undefined, 'Shingles vaccine', october, year, 70, uptake.shingles)
  }
}

function campaign(life: Life, code: CodeName, vaccine: string, october: number, year: number, share: number): void {
  if (share === 0) return
  const dice = life.dice('campaign', code, year)
  const [comes, declines, offset, atPharmacy] = [
    dice.chance(share),
    dice.chance(0.2),
    Math.round(dice.wait(22)),
    dice.chance(0.4),
  ]
  if (!comes && !declines) return
  give(life, code, vaccine, october + Math.min(100, offset), `${code}-${year}`, !comes, atPharmacy)
}

function once(
  life: Life,
  code: CodeName | undefined,
  vaccine: string,
  october: number,
  year: number,
  from: number,
  share: number,
): void {
  const age = life.age(october)
  if (age < from || age >= from + 1) return
  const dice = life.dice('once', vaccine)
  if (dice.chance(share))
    give(life, code, vaccine, october + dice.between(20, 200), `once-${from}-${year}`, false, false)
}

function give(
  life: Life,
  code: CodeName | undefined,
  vaccine: string,
  day: number,
  name: string,
  declined: boolean,
  atPharmacy: boolean,
): void {
  const { person } = life
  const dice = life.dice('give', name)
  // Pharmacies, and practices in the season, vaccinate on Saturdays as well.
  const saturday = weekday(day) === 5 && !declined
  const when = saturday && !isWorkingDay(day) ? at(day, 9 * 60 + dice.below(180)) : clinicTime(dice, day)
  if (!life.free(when)) return
  const place = atPharmacy && !declined ? person.pharmacy : person.practice
  const desk = life.desk(place)
  const by =
    atPharmacy && !declined
      ? colleague(place, 'Pharmacist', dice.below(2))
      : colleague(place, 'Practice nurse', dice.below(2))
  desk.put(
    when + 5,
    immunisation(desk, `vaccine-${name}`, {
      vaccine: inWords(vaccine),
      when,
      by,
      declined,
      ...(code === undefined ? {} : { procedure: coded(code) }),
      ...(declined ? {} : { lot: `V${dice.between(1100, 1199)}` }),
    }),
  )
}
