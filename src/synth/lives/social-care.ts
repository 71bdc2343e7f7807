import { coded, inWords } from '../codes.ts'
import { diceOf } from '../dice.ts'
import { type Organisation, organisationsOf } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf } from '../london.ts'
import { encounter } from '../make/encounters.ts'
import { observation } from '../make/findings.ts'
import { carePlan, flag } from '../make/plans.ts'
import { has } from './conditions.ts'
import type { Life } from './life.ts'
import { weightOf } from './reviews.ts'
import { anyTime, clinicTime, occurrences } from './working-hours.ts'

/** Care in a home, care at home, and the council that arranges it. */
export function socialCare(life: Life): void {
  const { careHome } = life.person.home
  if (careHome !== undefined) return resident(life, careHome)
  const dice = life.dice('social-care')
  const age = life.age(dayOf(life.start))
  const needs = has(life, 'dementia', dayOf(life.start))
    ? 0.5
    : age > 85
      ? 0.22
      : age > 75
        ? 0.07
        : age > 65
          ? 0.02
          : has(life, 'learningDisability', dayOf(life.start))
            ? 0.35
            : 0.003
  if (dice.chance(needs)) careAtHome(life)
}

function assessed(life: Life, day: number): void {
  const council = organisationsOf('council').find(({ ods }) => ods === life.person.home.area.council)
  if (council === undefined) return
  const dice = life.dice('assessment')
  const when = clinicTime(dice, day, 30)
  if (!life.free(when)) return
  const desk = life.desk(council)
  const by = colleague(council, 'Social worker', dice.below(3))
  desk.put(
    when + 60,
    encounter(desk, 'care-assessment', {
      class: 'HH',
      from: when,
      to: when + 60,
      type: inWords('Care Act assessment'),
      by,
    }),
  )
  desk.put(
    when + 120,
    carePlan(desk, 'care-and-support-plan', {
      kind: coded('carePlan'),
      title: 'Care and support plan',
      from: dayOf(when),
      by,
      activities: ['Help with washing and dressing each morning', 'Personal budget agreed; reviewed once a year'],
    }),
  )
}

function careAtHome(life: Life): void {
  const dice = life.dice('care-at-home')
  const first = dayOf(life.start) + dice.below(400)
  assessed(life, first)
  const providers = organisationsOf('home-care')
  const provider = dice.pick(providers)
  const desk = life.desk(provider)
  const by = colleague(provider, 'Home carer', dice.below(3))
  const begun = clinicTime(dice, first + dice.between(7, 21))
  if (!life.free(begun)) return
  desk.put(
    begun,
    carePlan(desk, 'home-care-plan', {
      kind: coded('carePlan'),
      title: 'Home care plan',
      from: dayOf(begun),
      by,
      activities: [
        'Morning visit: wash, dress, breakfast, medicines',
        'Evening visit: supper, medicines, safe for the night',
      ],
    }),
  )
  // The visits themselves are daily; what reaches the shared record is the note of a week.
  let week = 0
  for (let day = dayOf(begun) + 7; day <= dayOf(life.until); day += 28) {
    const when = at(day, 8 * 60 + dice.below(60))
    week += 1
    if (life.free(when))
      desk.put(
        when + 30,
        encounter(desk, `home-care-${week}`, {
          class: 'HH',
          from: when,
          to: when + 30,
          type: inWords('Home care visit, noted for the shared record'),
          by,
        }),
      )
  }
}

/** Of residents, a fifth are at high risk of falls (FALLS-20): they fall three times as often, and many have a sensor. */
const highRisk = 0.2

function resident(life: Life, home: Organisation): void {
  const dice = life.dice('resident')
  const desk = life.desk(home)
  const by = colleague(home, 'Care worker', dice.below(3))
  const first = at(dayOf(life.start) + dice.below(5), 10 * 60)
  if (!life.free(first)) return
  assessed(life, dayOf(life.start) + 20)
  desk.put(
    first,
    carePlan(desk, 'home-plan', {
      kind: coded('carePlan'),
      title: 'Care home plan',
      from: dayOf(first),
      by,
      activities: ['Two carers to move', 'Soft diet, 1,500 ml of fluid a day', 'Weighed once a month'],
    }),
  )
  const risky = dice.chance(highRisk)
  const sensor = risky && diceOf('sensor', life.person.key).chance(0.6)
  if (risky)
    desk.put(
      first,
      flag(
        desk,
        'falls-risk',
        'Risk',
        inWords('High risk of falls'),
        dayOf(first),
        sensor ? 'High risk of falls: bed sensor in use' : 'High risk of falls',
      ),
    )
  const steady = dice.between(46, 82)
  let month = 0
  for (let day = dayOf(first); day <= dayOf(life.until); day += 30) {
    const when = at(day, 9 * 60 + dice.below(120))
    month += 1
    if (life.free(when))
      desk.put(
        when,
        observation(
          desk,
          `weight-${month}`,
          weightOf(when, Math.round((steady - month * 0.1 + dice.normal(0, 0.6)) * 10) / 10),
        ),
      )
  }
  occurrences(dice, dayOf(first), dayOf(life.until), risky ? 3 : 1).forEach((day, n) => {
    const when = anyTime(dice, day)
    if (life.free(when))
      desk.put(
        when + 20,
        encounter(desk, `fall-${n}`, {
          class: 'HH',
          from: when,
          to: when + 20,
          type: inWords('Fall, checked by staff'),
          reason: coded('fall'),
          by,
        }),
      )
  })
}
