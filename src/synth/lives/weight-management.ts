import { inWords } from '../codes.ts'
import { theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { dayOf } from '../london.ts'
import { ownExtension } from '../make/encounters.ts'
import { observation } from '../make/findings.ts'
import { request } from '../make/treatment.ts'
import { has } from './conditions.ts'
import type { Life } from './life.ts'
import { weightOf } from './reviews.ts'
import { clinicTime, occurrences } from './working-hours.ts'

/** Share of those eligible who are referred in a year. A setting. */
const referredAYear = 0.06

/**
 * NHS Digital Weight Management: 18 and over, obese, with diabetes or hypertension, not frail; twelve weeks at one of
 * three levels (population-health.md, DWMP). Those over 80 need their referrer's word and are left out.
 */
export function weightManagement(life: Life): void {
  const first = dayOf(life.start)
  const age = life.age(first)
  const ill = has(life, 'diabetes', first) || has(life, 'hypertension', first)
  if (age < 18 || age > 80 || !ill || !has(life, 'obesity', first) || life.person.home.careHome !== undefined) return
  const [day] = occurrences(life.dice('weight'), first, dayOf(life.until), referredAYear)
  if (day !== undefined) programme(life, day)
}

function programme(life: Life, day: number): void {
  const dice = life.dice('weight-programme')
  const referred = clinicTime(dice, day)
  if (!life.free(referred)) return
  const desk = life.desk(life.person.practice)
  const by = colleague(life.person.practice, 'Practice nurse', dice.below(2))
  const level = { url: `${ownExtension}/programme-level`, valueInteger: dice.between(1, 3) }
  const made = (status: 'active' | 'completed' | 'revoked') =>
    request(desk, 'weight-programme', {
      what: inWords('NHS Digital Weight Management Programme'),
      when: referred,
      status,
      priority: 'routine',
      by,
      to: theOnly('community'),
      category: 'Weight management',
      extension: [level],
    })
  desk.put(referred, made('active'), () => made('revoked'))
  const started = clinicTime(dice, day + dice.between(14, 35))
  const [starts, completes, weight] = [dice.chance(0.6), dice.chance(0.55), dice.between(84, 128)]
  if (!starts) return desk.put(started + 60 * 1440, made('revoked'))
  const provider = life.desk(theOnly('community'))
  if (!life.free(started)) return
  provider.put(started, observation(provider, 'weight-programme-start', weightOf(started, weight)))
  const ended = clinicTime(dice, dayOf(started) + 84)
  if (!life.free(ended)) return
  if (completes)
    provider.put(
      ended,
      observation(provider, 'weight-programme-end', weightOf(ended, weight - dice.between(0, 70) / 10)),
    )
  desk.put(ended, made(completes ? 'completed' : 'revoked'))
}
