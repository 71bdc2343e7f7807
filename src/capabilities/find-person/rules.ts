import type { PersonQuery } from '../../kernel/store/record.ts'

/** What someone typed into the find box or the form, made into a question, or why it cannot be. */
export type SearchResult =
  | { readonly ok: true; readonly query: PersonQuery }
  | { readonly ok: false; readonly field: keyof SearchParts; readonly message: string }
  | { readonly ok: 'empty' }

/** The parts of a search as they stand in the URL. */
export interface SearchParts {
  /** The find box: a number, or words and a date. */
  readonly q: string
  readonly nhsNumber: string
  readonly family: string
  readonly given: string
  readonly birthDate: string
}

const tooLittle = 'Enter an NHS number, or a family name of 2 letters or more, or a given name with a date of birth'

/** The form as it is shown again: what was typed into the find box stands in the fields it was taken for. */
export const understood = ({ q, ...form }: SearchParts): SearchParts => ({
  q,
  ...form,
  ...(q.trim() === '' ? {} : fromBox(q)),
})

/** Understands the find box and the form alike. Separators of any kind are allowed in numbers and dates. */
export function searchOf(typed: SearchParts): SearchResult {
  const { q: _, ...parts } = understood(typed)
  if (Object.values(parts).every((value) => value.trim() === '')) return { ok: 'empty' }
  if (parts.nhsNumber.trim() !== '') return numberQuery(parts.nhsNumber)
  const birthDate = parts.birthDate.trim() === '' ? undefined : birthDateOf(parts.birthDate)
  if (birthDate === 'unreadable')
    return {
      ok: false,
      field: 'birthDate',
      message: 'Enter the date of birth as day, month and year, for example 14 3 1951',
    }
  return nameQuery(parts.family.trim(), parts.given.trim(), birthDate)
}

function numberQuery(typed: string): SearchResult {
  const digits = typed.replaceAll(/[^0-9]/g, '')
  return digits.length === 10
    ? { ok: true, query: { nhsNumber: digits } }
    : { ok: false, field: 'nhsNumber', message: 'An NHS number has 10 digits. Check the number, or search by name' }
}

function nameQuery(family: string, given: string, birthDate: string | undefined): SearchResult {
  const letters = (text: string): number => text.replaceAll(/[*\s]/g, '').length
  const enough = letters(family) >= 2 || (letters(given) >= 2 && birthDate !== undefined)
  if (!enough) return { ok: false, field: 'family', message: tooLittle }
  return {
    ok: true,
    query: {
      ...(family === '' ? {} : { family }),
      ...(given === '' ? {} : { given }),
      ...(birthDate === undefined ? {} : { birthDate }),
    },
  }
}

/** The find box: ten digits are a number; a date is a birth date; "Family, Given" or "Given Family" are names. */
function fromBox(q: string): Partial<SearchParts> {
  const text = q.trim()
  if (/^[\d\s-]+$/.test(text) && text.replaceAll(/\D/g, '').length >= 9) return { nhsNumber: text }
  const date = datePattern.exec(text)?.[0] ?? ''
  const names = text.replace(date, '').trim()
  return { ...namesOf(names), birthDate: date }
}

function namesOf(names: string): Partial<SearchParts> {
  if (names.includes(',')) {
    const [family = '', given = ''] = names.split(',')
    return { family: family.trim(), given: given.trim() }
  }
  const words = names.split(/\s+/).filter((word) => word !== '')
  return { family: words.at(-1) ?? '', given: words.slice(0, -1).join(' ') }
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const datePattern =
  /\b(?:\d{4}(?:-\d{2}(?:-\d{2})?)?|\d{1,2}[\s./-]+\d{1,2}[\s./-]+\d{4}|\d{1,2}[\s-]+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s-]+\d{4})\b/i

/** A birth date as typed, as `YYYY-MM-DD` or as much of it as there is. British order: day, month, year. */
export function birthDateOf(typed: string): string {
  const text = typed.trim()
  if (/^\d{4}(-\d{2}){0,2}$/.test(text)) return text
  const [day = '', month = '', year = ''] = text.split(/[\s./-]+/)
  const number = /^\d+$/.test(month) ? Number(month) : months.indexOf(month.slice(0, 3).toLowerCase()) + 1
  if (!/^\d{1,2}$/.test(day) || !/^\d{4}$/.test(year) || number < 1 || number > 12 || Number(day) > 31)
    return 'unreadable'
  return `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`
}
