import type { Patient } from 'fhir/r4.js'
import type { Review, ReviewSide } from '../../kernel/record/review.ts'
import { addressText, genderText } from '../../platform/person-view.ts'
import type { CompareRow, Match } from '../../ui/compare-table.tsx'
import { count, dateText } from '../../ui/format/dates.ts'
import { currentName } from '../../ui/format/names.ts'
import { isUnverified, nhsNumberOf, nhsNumberText } from '../../ui/format/nhs-number.ts'

/** Rows of the comparison, each with how the two values compare in words. Nothing is scored here. */
export function compareRows({ left, right }: Review): readonly CompareRow[] {
  const texts = fields.map(({ field, textOf, lookAlike }) => {
    const [a, b] = [textOf(left.patient), textOf(right.patient)]
    return { field, left: a || 'None', right: b || 'None', match: matchOf(a, b, lookAlike) }
  })
  return [...texts, holdingRow(left, right), allergyRow(left, right)]
}

interface ComparedField {
  readonly field: string
  readonly textOf: (patient: Patient) => string
  readonly lookAlike: readonly LookAlike[]
}

interface LookAlike {
  readonly words: string
  readonly key: (text: string) => string
}

const letters = (text: string): string => text.toLocaleLowerCase('en-GB').normalize('NFD').replaceAll(/\p{M}/gu, '')

const lookAlikes = {
  case: { words: 'capital letters', key: (text) => text.toLocaleLowerCase('en-GB') },
  accents: { words: 'accents', key: letters },
  punctuation: { words: 'punctuation', key: (text) => letters(text).replaceAll(/[^\p{L}\p{N}]/gu, '') },
  start: {
    words: 'same start',
    key: (text) =>
      letters(text)
        .replaceAll(/[^\p{L}]/gu, '')
        .slice(0, 3),
  },
} as const satisfies Record<string, LookAlike>

const names = [lookAlikes.case, lookAlikes.accents, lookAlikes.punctuation]

const fields: readonly ComparedField[] = [
  {
    field: 'Date of birth',
    textOf: ({ birthDate }) => (birthDate === undefined ? '' : dateText(birthDate)),
    lookAlike: [],
  },
  { field: 'Family name', textOf: ({ name }) => currentName(name)?.family ?? '', lookAlike: names },
  {
    field: 'Given name',
    textOf: ({ name }) => (currentName(name)?.given ?? []).join(' '),
    lookAlike: [...names, lookAlikes.start],
  },
  { field: 'NHS number', textOf: numberWords, lookAlike: [{ words: 'same number', key: (text) => text.slice(0, 12) }] },
  { field: 'Gender', textOf: ({ gender }) => (gender === undefined ? '' : genderText(gender)), lookAlike: [] },
  {
    field: 'Address',
    textOf: ({ address }) => (address?.[0] === undefined ? '' : addressText(address[0])),
    lookAlike: [lookAlikes.case, lookAlikes.punctuation],
  },
  { field: 'Postcode', textOf: ({ address }) => address?.[0]?.postalCode ?? '', lookAlike: [lookAlikes.punctuation] },
  { field: 'Phone', textOf: phoneOf, lookAlike: [{ words: 'spacing', key: (text) => text.replaceAll(/\D/g, '') }] },
]

function numberWords({ identifier }: Patient): string {
  const number = nhsNumberOf(identifier)
  if (number === undefined) return ''
  return `${nhsNumberText(number)} ${isUnverified(identifier) ? 'not verified' : 'verified'}`
}

function phoneOf({ telecom }: Patient): string {
  return telecom?.find(({ system }) => system === 'phone')?.value ?? ''
}

/** How two texts compare: same, alike in a named way, missing on one side, or different. */
function matchOf(a: string, b: string, alike: readonly LookAlike[] = []): Match {
  if (a === '' && b === '') return { level: 'missing', words: 'Missing in both' }
  if (a === '') return { level: 'missing', words: 'Missing in A' }
  if (b === '') return { level: 'missing', words: 'Missing in B' }
  if (a === b) return { level: 'same', words: 'Same' }
  const found = alike.find(({ key }) => key(a) === key(b))
  return found === undefined
    ? { level: 'different', words: 'Different' }
    : { level: 'similar', words: `Similar: ${found.words}` }
}

function holdingRow(left: ReviewSide, right: ReviewSide): CompareRow {
  const words = { level: 'missing', words: 'Not compared' } as const
  return { field: 'What each holds', left: holdings(left), right: holdings(right), match: words }
}

function holdings({ entryCount, firstEvent, lastEvent }: ReviewSide): string {
  const entries = count(entryCount, 'entry', 'entries')
  if (firstEvent === undefined || lastEvent === undefined) return entries
  const [first, last] = [firstEvent.slice(0, 4), lastEvent.slice(0, 4)]
  return `${entries}, ${first === last ? first : `${first} to ${last}`}`
}

function allergyRow(left: ReviewSide, right: ReviewSide): CompareRow {
  const text = ({ allergies }: ReviewSide): string => [...allergies].sort().join(', ')
  const same = text(left).toLocaleLowerCase('en-GB') === text(right).toLocaleLowerCase('en-GB')
  return {
    field: 'Allergies',
    left: text(left) || 'None recorded',
    right: text(right) || 'None recorded',
    match: same ? { level: 'same', words: 'Same' } : { level: 'different', words: 'Allergies differ' },
  }
}

/** The number that stays in force when two records are linked: a verified one before any other. */
export function keptNumber({ left, right }: Review): string {
  const known = [left, right].filter(({ patient }) => nhsNumberOf(patient.identifier) !== undefined)
  const chosen = known.find(({ patient }) => !isUnverified(patient.identifier)) ?? known[0]
  return chosen === undefined
    ? 'Neither record has an NHS number'
    : nhsNumberText(nhsNumberOf(chosen.patient.identifier) ?? '')
}

/** Text of the three decisions. */
export const decisionWords = {
  same: 'Same person: link them',
  different: 'Different people: keep apart',
  unsure: 'Not sure: leave for a colleague',
} as const
