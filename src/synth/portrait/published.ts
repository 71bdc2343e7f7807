import { organisations } from '../ics/organisations.ts'
import { hasRecordSystem } from '../ics/register.ts'
import type { Share, Tally } from './tally.ts'

/** A headline figure of England beside ours. */
export interface Figure {
  readonly name: string
  /** As our source sheet has it, and what kind of number it is there. */
  readonly published: number
  readonly kind: 'published figure' | 'standard' | 'ambition' | 'target' | 'definition'
  readonly unit: '%' | 'minutes' | 'per 100,000 adults'
  readonly source: string
  /** How far ours may be off with 5,000 people; smaller populations scatter more. */
  readonly tolerance: number
  readonly ours: (tally: Tally) => number
}

export const percent = ({ part, whole }: Share): number => (whole === 0 ? Number.NaN : (100 * part) / whole)

const adults = ({ pyramid }: Tally): number =>
  (['female', 'male'] as const).reduce(
    (sum, sex) => sum + pyramid[sex].slice(2).reduce((all, each) => all + each, 0) + 0.2 * (pyramid[sex][1] ?? 0),
    0,
  )

const windowDays = ({ settings }: Tally): number => settings.today - settings.from

const digital = (parts: readonly string[]): number => {
  const all = organisations.filter(({ part }) => parts.includes(part))
  return (100 * all.filter(hasRecordSystem).length) / all.length
}

/** Every figure our sources publish and the system is calibrated to. What they do not publish is a setting. */
export const publishedFigures: readonly Figure[] = [
  {
    name: 'People in the most deprived fifth (Core20)',
    published: 20,
    kind: 'definition',
    unit: '%',
    source: 'population-health.md: deciles 1–2 are the most deprived national quintile',
    tolerance: 5,
    ours: ({ deciles }) => (100 * ((deciles[0] ?? 0) + (deciles[1] ?? 0))) / deciles.reduce((a, b) => a + b, 0),
  },
  {
    name: 'Waiting 18 weeks or less for treatment (RTT)',
    published: 65,
    kind: 'target',
    unit: '%',
    source: 'waiting-lists.md: 65 % by March 2026',
    tolerance: 7,
    ours: ({ care }) => percent(care.rtt18),
  },
  {
    name: 'On the list without a decision to admit',
    published: 80,
    kind: 'published figure',
    unit: '%',
    source: 'targets.json: NONADM-80',
    tolerance: 6,
    ours: ({ care }) => percent(care.rttNotAdmitted),
  },
  {
    name: 'Waiting less than 6 weeks for a diagnostic test',
    published: 95,
    kind: 'target',
    unit: '%',
    source: 'targets.json: DIAG-95',
    tolerance: 7,
    ours: ({ care }) => percent(care.dm01),
  },
  {
    name: 'Told within 28 days of an urgent cancer referral',
    published: 77,
    kind: 'standard',
    unit: '%',
    source: 'waiting-lists.md: 77 % by March 2025',
    tolerance: 6,
    ours: ({ care }) => percent(care.told28),
  },
  {
    name: 'Cancer treated within 62 days of referral',
    published: 75,
    kind: 'standard',
    unit: '%',
    source: 'waiting-lists.md: interim 75 % by March 2026',
    tolerance: 20,
    ours: ({ care }) => percent(care.treated62),
  },
  {
    name: 'A&E within four hours',
    published: 78,
    kind: 'ambition',
    unit: '%',
    source: 'urgent-care-performance.md: 78 % by March 2026',
    tolerance: 4,
    ours: ({ care }) => percent(care.fourHours),
  },
  {
    name: 'Ambulance category 2, mean',
    published: 30,
    kind: 'ambition',
    unit: 'minutes',
    source: 'urgent-care-performance.md: recovery mean 30:00',
    tolerance: 4,
    ours: ({ care }) => care.category2.minutes / care.category2.count,
  },
  {
    name: 'Ambulance handover within 15 minutes',
    published: 65,
    kind: 'standard',
    unit: '%',
    source: 'urgent-care-performance.md: 65 % within 15 minutes',
    tolerance: 7,
    ours: ({ care }) => percent(care.handover15),
  },
  {
    name: 'Urgent community response within two hours',
    published: 70,
    kind: 'standard',
    unit: '%',
    source: 'urgent-care-performance.md: at least 70 %',
    tolerance: 17,
    ours: ({ care }) => percent(care.response2),
  },
  {
    name: 'Virtual ward beds in use',
    published: 45,
    kind: 'ambition',
    unit: 'per 100,000 adults',
    source: 'urgent-care-performance.md: 40–50 beds for each 100,000 adults',
    tolerance: 25,
    ours: (tally) => (tally.care.virtualMinutes / 1440 / windowDays(tally) / adults(tally)) * 100_000,
  },
  {
    name: 'High blood pressure at target',
    published: 80,
    kind: 'published figure',
    unit: '%',
    source: 'prevention-and-screening.md: CVDPREVENT 80 %',
    tolerance: 8,
    ours: ({ care }) => percent(care.pressure),
  },
  {
    name: 'Adults registered for the app',
    published: 75,
    kind: 'target',
    unit: '%',
    source: 'targets.json: APP-75',
    tolerance: 6,
    ours: (tally) => (100 * tally.care.app.part) / adults(tally),
  },
  {
    name: 'Hospital trusts with an electronic record',
    published: 86,
    kind: 'published figure',
    unit: '%',
    source: 'targets.json: EPR-86',
    tolerance: 20,
    ours: () => digital(['acute', 'elective', 'community', 'mental-health']),
  },
  {
    name: 'Care providers with a digital record',
    published: 80,
    kind: 'target',
    unit: '%',
    source: 'targets.json: DSCR-80',
    tolerance: 15,
    ours: () => digital(['care-home', 'home-care']),
  },
]
