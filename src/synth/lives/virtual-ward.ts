import { type CodeName, coded, inWords, vitals } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { wardId } from '../ics/beds.ts'
import { theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { encounter, ownExtension } from '../make/encounters.ts'
import { observation } from '../make/findings.ts'
import { carePlan } from '../make/plans.ts'
import type { Life } from './life.ts'

/** A stay on the virtual ward: watched at home twice a day at first, under daily senior review, at most 14 days. */
export function virtualWard(life: Life, dice: Dice, started: Moment, name: string, cause: CodeName): void {
  const desk = life.desk(theOnly('community'))
  const days = dice.between(4, 13)
  const ended = at(dayOf(started) + days, 14 * 60)
  if (!life.free(started)) return
  const age = life.age(dayOf(started))
  const pathway =
    cause === 'pneumonia' || cause === 'breathless' ? 'acute respiratory infection' : age > 74 ? 'frailty' : 'other'
  const contact = {
    class: 'VR' as const,
    from: started,
    location: [
      { location: { reference: `Location/${wardId(theOnly('community'), 'virtual')}`, display: 'Virtual ward' } },
    ],
    type: inWords(`Virtual ward: ${pathway}`),
    reason: coded(cause),
    by: colleague(theOnly('community'), 'District nurse', dice.below(4)),
    extension: [{ url: `${ownExtension}/virtual-ward-entry`, valueString: dice.chance(0.6) ? 'step-down' : 'step-up' }],
  }
  const entry = `urgent-${name}-virtual-ward`
  desk.put(started, encounter(desk, entry, contact), (death) => encounter(desk, entry, { ...contact, to: death }))
  desk.put(ended, encounter(desk, entry, { ...contact, to: ended }))
  desk.put(
    started,
    carePlan(desk, `${entry}-plan`, {
      kind: coded('carePlan'),
      title: 'Virtual ward monitoring plan',
      from: dayOf(started),
      to: dayOf(ended),
      activities: [
        'Oxygen saturation and pulse morning and evening',
        'Call at once if below 92 %',
        'Daily review by the senior clinician',
      ],
    }),
  )
  for (let day = 0; day <= days; day += 2) {
    const when = at(dayOf(started) + day, 9 * 60 + dice.below(90))
    if (when < started) continue
    desk.put(
      when + 5,
      observation(desk, `${entry}-oxygen-${day}`, {
        code: vitals.oxygen,
        category: 'vital-signs',
        when,
        value: dice.between(92, 98),
        unit: ['%', '%'],
      }),
    )
    desk.put(
      when + 5,
      observation(desk, `${entry}-pulse-${day}`, {
        code: vitals.pulse,
        category: 'vital-signs',
        when,
        value: dice.between(60, 102),
        unit: ['beats/minute', '/min'],
      }),
    )
  }
}
