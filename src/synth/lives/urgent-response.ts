import { inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { figures } from '../figures.ts'
import { theOnly } from '../ics/organisations.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment, minuteOf } from '../london.ts'
import { encounter, namedMoment } from '../make/encounters.ts'
import type { Life } from './life.ts'
import { virtualWard } from './virtual-ward.ts'

const groups = [
  'Fall',
  'Decompensated frailty',
  'Reduced function',
  'Urgent catheter care',
  'Confusion',
  'Breakdown of unpaid care',
] as const

/** Urgent community response: seen at home within two hours; works from 08:00 to 20:00 (urgent-care-performance.md). */
export function urgentResponse(life: Life, dice: Dice, wanted: Moment, name: string): void {
  const minute = minuteOf(wanted)
  const received =
    minute < 480 || minute > 1080 ? at(dayOf(wanted) + (minute > 1080 ? 1 : 0), 8 * 60 + dice.below(60)) : wanted
  const waits = dice.chance(figures.urgentResponse) ? dice.between(25, 119) : 121 + Math.round(dice.wait(40))
  const seen = received + waits
  if (!life.free(received) || !life.free(seen)) return
  const desk = life.desk(theOnly('community'))
  desk.put(
    seen + 60,
    encounter(desk, `urgent-${name}-response`, {
      class: 'HH',
      from: seen,
      to: seen + 60,
      type: inWords('Urgent community response, 2 hours'),
      reason: inWords(dice.pick(groups)),
      by: colleague(theOnly('community'), 'District nurse', dice.below(4)),
      extension: [namedMoment('referral-received', received)],
    }),
  )
  if (dice.chance(0.45)) virtualWard(life, dice, seen + 240, name, 'fall')
}
