import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeTable } from '../codes.ts'
import { figures } from '../figures.ts'
import { organisations } from '../ics/organisations.ts'
import { longTerm } from '../lives/conditions.ts'
import { livesOf } from '../lives/lives.ts'
import { isoDay } from '../london.ts'
import { defectKinds, defectMeanings, defectRates } from '../people/defects.ts'
import { blockSize, mostPeople } from '../people/most-people.ts'
import type { SynthSettings } from '../settings.ts'
import { againstPublished, barChart, pyramid } from './chart.ts'
import { percent, publishedFigures } from './published.ts'
import { addToTally, newTally, type Tally } from './tally.ts'

/** Counts a whole system, a block at a time. */
export function tallyOf(settings: SynthSettings, report: (people: number) => void = () => undefined): Tally {
  const tally = newTally(settings)
  for (let block = 0; block * blockSize < settings.people; block++) {
    addToTally(tally, livesOf(settings, block))
    report(Math.min(settings.people, (block + 1) * blockSize))
  }
  return tally
}

/** Writes the one-page portrait of a system, `synthetic-ics.md`, with its charts, into a folder. */
export function writePortrait(tally: Tally, folder: string): void {
  const images = join(folder, 'images')
  mkdirSync(images, { recursive: true })
  for (const [name, chart] of chartsOf(tally)) writeFileSync(join(images, `synthetic-${name}.svg`), chart)
  writeFileSync(join(folder, 'synthetic-ics.md'), textOf(tally))
}

const bands = ['0–9', '10–19', '20–29', '30–39', '40–49', '50–59', '60–69', '70–79', '80–89', '90+']
const years = (tally: Tally): number => (tally.settings.today - tally.settings.from) / 365.2425
const alive = (tally: Tally): number => tally.people - tally.deaths
const one = (value: number): string =>
  Number.isNaN(value) ? 'none' : (Math.round(value * 10) / 10).toLocaleString('en-GB')
const many = (value: number): string => Math.round(value).toLocaleString('en-GB')

const prevalence = (tally: Tally) =>
  longTerm
    .map(({ name, code }) => ({
      label: codeText(code),
      value: (100 * (tally.conditions.get(name) ?? 0)) / tally.people,
    }))
    .toSorted((a, b) => b.value - a.value)

const codeText = (name: string): string => codeTable.find(([each]) => each === name)?.[2].text ?? name

const activity = (tally: Tally) =>
  [...tally.care.contacts]
    .map(([label, value]) => ({ label, value: (1000 * value) / tally.people / years(tally) }))
    .toSorted((a, b) => b.value - a.value)

const waits = [
  [0, 6, '0 to 6 weeks'],
  [6, 12, '6 to 12 weeks'],
  [12, 18, '12 to 18 weeks'],
  [18, 26, '18 to 26 weeks'],
  [26, 39, '26 to 39 weeks'],
  [39, 52, '39 to 52 weeks'],
  [52, 1000, '52 weeks and more'],
] as const

function chartsOf(tally: Tally): readonly (readonly [name: string, svg: string])[] {
  const living = alive(tally)
  const sexes = bands.map((label, at) => ({
    label,
    value: (100 * (tally.pyramid.female[at] ?? 0)) / living,
    other: (100 * (tally.pyramid.male[at] ?? 0)) / living,
  }))
  const weeks = waits.map(([from, to, label]) => ({
    label,
    value: (100 * tally.care.rttWeeks.filter((each) => each >= from && each < to).length) / tally.care.rttWeeks.length,
  }))
  const shares = publishedFigures.filter(({ unit }) => unit === '%')
  return [
    ['pyramid', pyramid('People by age, share of all', sexes)],
    ['prevalence', barChart('Long-term conditions, share of people who have each', '%', prevalence(tally))],
    ['activity', barChart('Contacts for each 1,000 people and year', '', activity(tally).slice(0, 16))],
    ['waits', barChart('Time waited on open referral-to-treatment pathways', '%', weeks)],
    [
      'published',
      againstPublished(
        'Headline figures beside the published ones',
        shares.map((each) => ({ label: each.name, ours: each.ours(tally), published: each.published })),
      ),
    ],
  ]
}

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${heads.join(' | ')} |`,
    `|${heads.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')

function textOf(tally: Tally): string {
  const { settings, care } = tally
  const { people, months, seed } = settings
  const median = care.rttWeeks.toSorted((a, b) => a - b)[Math.floor(care.rttWeeks.length / 2)] ?? 0
  return `# The synthetic integrated care system

Made by \`linchpin synth --people ${people} --months ${months} --seed ${seed} --until ${isoDay(settings.today)} --portrait docs\`. Do not edit it: run it again.
Nobody in it exists. ${many(people)} people at the beginning, ${many(tally.births)} children born and ${many(tally.deaths)} people died in ${months} months;
${many(tally.resources)} resources (${one(tally.resources / tally.people)} a person, ${many(tally.bytes / tally.resources)} bytes each) in the records of ${tally.sources.size} organisations, of ${organisations.length}.

![People by age and sex](images/synthetic-pyramid.svg)

## Beside the published figures

What our source sheets publish is matched. A target or an ambition is not what England reached: it is the only number the sheets hold.

${table(
  ['figure', 'published', 'what it is', 'ours', 'source'],
  publishedFigures.map((each) => [
    each.name,
    `${each.published} ${each.unit}`,
    each.kind,
    one(each.ours(tally)),
    each.source,
  ]),
)}

![Headline figures beside the published ones](images/synthetic-published.svg)

## Settings

No sheet publishes these; they are our choice, near what is known of England. Change them in \`src/synth\`.

${table(
  ['setting', 'ours', 'where'],
  [
    ['Median wait on open pathways', `${one(median)} weeks`, '`figures.ts`'],
    ['Over 52 weeks', `${one(percent(care.rtt52))} %`, '`figures.ts`'],
    [
      'Practice appointments missed',
      `${one(percent(care.practiceMissed))} %`,
      `\`figures.ts\`: ${one(100 * figures.practiceMissed)} %`,
    ],
    [
      'Clinic appointments missed',
      `${one(percent(care.clinicMissed))} %`,
      `\`figures.ts\`: ${one(100 * figures.clinicMissed)} %`,
    ],
    [
      'Cancers at stage 1 or 2, of those with a known stage',
      `${one(percent(care.earlyStage))} %`,
      `\`figures.ts\`: ${one(100 * figures.earlyStage)} %; the ambition is 75 % by 2028`,
    ],
    [
      'Births for each 1,000 people and year',
      one((1000 * tally.births) / tally.people / years(tally)),
      '`people/demography.ts`',
    ],
    [
      'Deaths for each 1,000 people and year',
      one((1000 * tally.deaths) / tally.people / years(tally)),
      '`lives/death.ts`',
    ],
    ['Smokers among those of 16 and over', `${one(percent(care.smoking))} %`, '`lives/reviews.ts`'],
    [
      'Implants, and share scanned',
      `${many(care.implants)}, ${one(percent(care.scanned))} %`,
      '`lives/elective-surgery.ts`',
    ],
  ],
)}

![Long-term conditions](images/synthetic-prevalence.svg)

![Contacts](images/synthetic-activity.svg)

![Time waited](images/synthetic-waits.svg)

## People

${table(
  ['ethnic category', 'share'],
  [...tally.ethnicities]
    .toSorted((a, b) => b[1] - a[1])
    .map(([name, number]) => [name, `${one((100 * number) / alive(tally))} %`]),
)}

NHS numbers are of the range 999, which carries ${many(mostPeople)} people and the children they have; more are refused. Addresses lie in
60 invented small areas whose codes were never issued, in the postcode area LV, which is not in use.

## Planted faults

Each is marked with a tag, so that an import can be held against it. An import refuses nothing.

${table(
  ['fault', 'planted', 'rate', 'what it is'],
  defectKinds.map((kind) => [
    kind,
    many(tally.defects.get(kind) ?? 0),
    `${one(100 * defectRates[kind])} %`,
    defectMeanings[kind],
  ]),
)}

Rates are of records outside practices, of people, or of entries; in social care and care homes ${one(100 * defectRates['no-number-social'])} % of records have no number.

## What is in it

${table(
  ['resource', 'how many', 'a person'],
  [...tally.types]
    .toSorted((a, b) => b[1] - a[1])
    .map(([type, number]) => [type, many(number), one(number / tally.people)]),
)}

Codes are SNOMED CT, in one table (\`src/synth/codes.ts\`) with where we know each from; medicines are in words. Slots show what can be booked in
the ten working days ahead; they are not tied to the appointments that people have.
`
}
