import { inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf } from '../london.ts'
import { encounter, keepAppointment, namedMoment } from '../make/encounters.ts'
import { observation } from '../make/findings.ts'
import { carePlan } from '../make/plans.ts'
import { request } from '../make/treatment.ts'
import { has } from './conditions.ts'
import { outcomeOf } from './general-practice.ts'
import type { Life } from './life.ts'
import { clinicTime, occurrences } from './working-hours.ts'

/** Talking therapies for depression and anxiety, and the community team for severe mental illness. */
export function mentalHealth(life: Life): void {
  const dice = life.dice('mental-health')
  const age = life.age(dayOf(life.start))
  const rate = age < 16 ? 0 : has(life, 'depression', dayOf(life.start)) ? 0.12 : age < 65 ? 0.018 : 0.008
  occurrences(dice, dayOf(life.start), dayOf(life.until), rate).forEach((day, n) =>
    talkingTherapy(life, dice.fork(n), day, n),
  )
  if (has(life, 'psychosis', dayOf(life.start))) communityTeam(life, life.dice('psychosis'))
}

function talkingTherapy(life: Life, dice: Dice, day: number, n: number): void {
  const received = clinicTime(dice, day)
  if (!life.free(received)) return
  const trust = theOnly('mental-health')
  const desk = life.desk(trust)
  const by = colleague(trust, 'Psychological therapist', dice.below(4))
  const name = `therapy-${n}`
  const referral = (status: 'active' | 'completed' | 'revoked') =>
    request(desk, name, {
      what: inWords('NHS Talking Therapies'),
      when: received,
      status,
      priority: 'routine',
      to: trust,
      category: 'Self-referral',
      extension: [namedMoment('referral-received', received)],
    })
  desk.put(received, referral('active'), () => referral('revoked'))
  let from = clinicTime(dice, dayOf(received) + Math.round(6 + dice.wait(16)), 30)
  const sessions = dice.between(2, 8)
  let score = dice.between(11, 21)
  for (let session = 1; session <= sessions; session++) {
    const kept = outcomeOf(dice, 0.1, from)
    const what = inWords('Talking therapy session')
    const booked = session === 1 ? received + 1440 : from - 7 * 1440
    if (!life.free(from)) return
    keepAppointment(
      desk,
      `${name}-${session}`,
      { from, minutes: 50, booked: Math.min(booked, from - 60), what, with: by },
      kept,
    )
    if (kept.status === 'fulfilled') {
      desk.put(
        from + 50,
        encounter(desk, `${name}-${session}-seen`, {
          class: dice.chance(0.4) ? 'VR' : 'AMB',
          from,
          to: from + 50,
          type: what,
          by,
        }),
      )
      desk.put(
        from + 50,
        observation(desk, `${name}-${session}-score`, {
          code: inWords('Patient health questionnaire 9 score'),
          category: 'survey',
          when: from,
          value: score,
          unit: ['points', '{score}'],
        }),
      )
      score = Math.max(2, score - dice.below(4))
    }
    from = clinicTime(dice, dayOf(from) + 7, 30)
  }
  desk.put(from, referral('completed'))
}

function communityTeam(life: Life, dice: Dice): void {
  const trust = theOnly('mental-health')
  const desk = life.desk(trust)
  const by = colleague(trust, 'Community psychiatric nurse', dice.below(3))
  const planned = at(dayOf(life.start) + dice.below(40), 11 * 60)
  if (life.free(planned))
    desk.put(
      planned,
      carePlan(desk, 'community-plan', {
        kind: inWords('Mental health care plan'),
        title: 'Community mental health plan',
        from: dayOf(planned),
        by,
        activities: ['Visit every six weeks', 'Physical health check once a year', 'Crisis line at any time'],
      }),
    )
  let visit = 0
  for (let day = dayOf(life.start) + dice.below(42); day <= dayOf(life.until); day += 42) {
    const from = clinicTime(dice, day, 30)
    visit += 1
    if (life.free(from) && dice.chance(0.85))
      desk.put(
        from + 40,
        encounter(desk, `community-visit-${visit}`, {
          class: 'HH',
          from,
          to: from + 40,
          type: inWords('Community mental health visit'),
          by,
        }),
      )
  }
}
