/** A patient of the reference model: only what is searched by. */
export interface ModelPatient {
  readonly id: string
  readonly family: string
  readonly given: readonly string[]
  readonly birthDate?: string
  readonly gender?: string
  readonly phone?: string
}

/** One `name=value` of a search, understood by the model. */
export type ModelCriterion = readonly [name: string, value: string]

/** The resource that a model patient is. */
export const patientBody = ({ id, family, given, birthDate, gender, phone }: ModelPatient): string =>
  JSON.stringify({
    resourceType: 'Patient',
    id,
    name: [{ family, given }],
    ...(phone === undefined ? {} : { telecom: [{ system: 'phone', value: phone }] }),
    ...(gender === undefined ? {} : { gender }),
    ...(birthDate === undefined ? {} : { birthDate }),
  })

/** What a search must answer: slow, obvious, in memory. `sort` is the value of `_sort`. */
export function modelSearch(
  patients: readonly ModelPatient[],
  criteria: readonly ModelCriterion[],
  sort: string,
): readonly string[] {
  const found = patients.filter((each) => criteria.every(([name, value]) => matches(each, name, value)))
  return found.toSorted((a, b) => compare(a, b, sort)).map((each) => each.id)
}

/** As string search compares (R4 search, string): no case, no accents. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

const strings: Readonly<Record<string, (patient: ModelPatient) => readonly string[]>> = {
  family: ({ family }) => [family],
  given: ({ given }) => given,
  name: ({ family, given }) => [family, ...given],
}

function matches(patient: ModelPatient, name: string, value: string): boolean {
  const [code = '', modifier = ''] = name.split(':')
  const texts = strings[code]?.(patient)
  if (modifier === 'missing') return (presence(patient, code).length === 0) === (value === 'true')
  if (texts !== undefined)
    return value.split(',').some((each) => texts.some((text) => matchesText(text, each, modifier)))
  if (code === 'gender')
    return (patient.gender !== undefined && value.split(',').includes(patient.gender)) !== (modifier === 'not')
  return value.split(',').some((each) => matchesDate(patient.birthDate, each))
}

const presence = (patient: ModelPatient, code: string): readonly string[] =>
  strings[code]?.(patient) ??
  [code === 'gender' ? patient.gender : patient.birthDate].filter((each) => each !== undefined)

function matchesText(text: string, wanted: string, modifier: string): boolean {
  if (modifier === 'exact') return text === wanted
  if (modifier === 'contains') return plain(text).includes(plain(wanted))
  return plain(text).startsWith(plain(wanted))
}

/** First and last day of a date that may be a year or a month. */
const daysOf = (date: string): readonly [string, string] => {
  if (date.length === 10) return [date, date]
  if (date.length === 7) return [`${date}-01`, `${date}-31`]
  return [`${date}-01-01`, `${date}-12-31`]
}

function matchesDate(date: string | undefined, wanted: string): boolean {
  if (date === undefined) return false
  const [, prefix = 'eq', asked = ''] = /^([a-z]{2})?(.*)$/.exec(wanted) ?? []
  const [low, high] = daysOf(date)
  const [from, to] = daysOf(asked)
  const within = low >= from && high <= to
  const answers: Readonly<Record<string, boolean>> = {
    eq: within,
    ne: !within,
    lt: low < from,
    gt: high > to,
    le: low < from || within,
    ge: high > to || within,
    sa: low > to,
    eb: high < from,
  }
  return answers[prefix] ?? false
}

/** Codes of characters decide; whoever has no value comes last either way; equal ones follow their ids. */
function compare(a: ModelPatient, b: ModelPatient, sort: string): number {
  for (const key of sort.split(',').filter((each) => each !== '')) {
    const descending = key.startsWith('-')
    const code = descending ? key.slice(1) : key
    const [x, y] = [sortValue(a, code, descending), sortValue(b, code, descending)]
    if (x === y) continue
    if (x === undefined) return 1
    if (y === undefined) return -1
    return x < y === descending ? 1 : -1
  }
  return a.id < b.id ? -1 : 1
}

function sortValue(patient: ModelPatient, code: string, descending: boolean): string | undefined {
  if (code === '_id') return patient.id
  if (code === 'birthdate') return patient.birthDate === undefined ? undefined : daysOf(patient.birthDate)[0]
  const texts = (strings[code]?.(patient) ?? []).map(plain).toSorted()
  return descending ? texts.at(-1) : texts[0]
}
