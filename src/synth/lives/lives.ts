import type { Organisation } from '../ics/organisations.ts'
import { dayOf } from '../london.ts'
import { givenNames } from '../people/names.ts'
import type { Person } from '../people/person.ts'
import { blockOf } from '../people/population.ts'
import type { SynthSettings } from '../settings.ts'
import { cancerPathways } from './cancer.ts'
import { longTermConditions } from './conditions.ts'
import { deathRecords, endOfLifePlan, mortality } from './death.ts'
import { electivePathways } from './elective-pathway.ts'
import { generalPractice } from './general-practice.ts'
import { registration } from './household.ts'
import { beginLife, type Life, type LivingLife, type Written } from './life.ts'
import { maternity, newborn } from './maternity.ts'
import { regularMedicines } from './medicines.ts'
import { mentalHealth } from './mental-health.ts'
import { yearlyReviews } from './reviews.ts'
import { screening } from './screening.ts'
import { socialCare } from './social-care.ts'
import { directTests } from './test-order.ts'
import { urgentCare } from './urgent-care.ts'
import { adultVaccinations, childVaccinations } from './vaccination.ts'
import { weightManagement } from './weight-management.ts'

/**
 * What happens in a life, in the order in which one thing bars another: death first, then what fills a bed, then what
 * people come to on their own feet. A new process of care is one more file, and one more line here.
 */
const generators: readonly ((life: Life) => void)[] = [
  longTermConditions,
  mortality,
  registration,
  newborn,
  maternity,
  urgentCare,
  electivePathways,
  cancerPathways,
  directTests,
  yearlyReviews,
  regularMedicines,
  generalPractice,
  mentalHealth,
  socialCare,
  screening,
  weightManagement,
  childVaccinations,
  adultVaccinations,
  endOfLifePlan,
  deathRecords,
]

function live(person: Person, settings: SynthSettings): LivingLife {
  const life = beginLife(person, settings)
  for (const generate of generators) generate(life)
  return life
}

/** Everything written about the people of a block, each person's together, a child's after its mother's. */
export function livesOf(settings: SynthSettings, block: number, after?: number): readonly Written[] {
  const made = blockOf(settings, block)
  const spare = [...made.spareNumbers]
  return made.people.flatMap((person) => {
    const life = live(person, settings)
    const children = life.births.flatMap((birth, n) => child(person, birth, n, spare.shift()))
    const later = children.filter(({ birth }) => (birth?.moment ?? 0) <= settings.until)
    return [life.written(after), ...later.map((each) => live(each, settings).written(after))].flat()
  })
}

function child(
  mother: Person,
  birth: NonNullable<Person['birth']>,
  n: number,
  nhsNumber: string | undefined,
): readonly Person[] {
  if (nhsNumber === undefined) return []
  const key = `${mother.key}c${n}`
  const sex = birth.moment % 2 === 0 ? ('female' as const) : ('male' as const)
  const names: readonly string[] = givenNames[sex].young
  const second: readonly string[] = givenNames[sex].middle
  const home: Organisation = mother.practice
  return [
    {
      ...mother,
      key,
      sex,
      born: dayOf(birth.moment),
      given: names[birth.moment % names.length] ?? 'Alex',
      second: second[birth.weight % second.length] ?? 'Lee',
      nhsNumber,
      practice: home,
      relatives: [
        {
          key: mother.key,
          relationship: 'parent',
          name: { given: mother.given, family: mother.family },
          sex: mother.sex,
          caresForThem: true,
        },
      ],
      birth,
    },
  ]
}
