import { isObject } from '../../../base/json.ts'

/** Text for XHTML: whatever a source wrote stays words. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

type Resource = Readonly<Record<string, unknown>>

/** A narrative of the entries of a section, a line for each: what it is, how it stands, when it was. */
export function listNarrative(entries: readonly Resource[]): string {
  const items = entries.map((each) => `<li>${escaped(lineOf(each))}</li>`)
  return `<div xmlns="http://www.w3.org/1999/xhtml"><ul>${items.join('')}</ul></div>`
}

/** A narrative of one sentence. */
export const sentenceNarrative = (sentence: string): string =>
  `<div xmlns="http://www.w3.org/1999/xhtml"><p>${escaped(sentence)}</p></div>`

/** Elements that say what a resource is about, in order of preference. */
const subjects = [
  'code',
  'medicationCodeableConcept',
  'vaccineCode',
  'description',
  'title',
  'type',
  'medicationReference',
  'device',
]
const dates = [
  'effectiveDateTime',
  'effectivePeriod',
  'performedDateTime',
  'performedPeriod',
  'occurrenceDateTime',
  'onsetDateTime',
  'onsetPeriod',
  'authoredOn',
  'recordedDate',
  'dateAsserted',
  'timingDateTime',
  'dateTime',
  'period',
  'issued',
]

function lineOf(resource: Resource): string {
  const what =
    subjects.map((name) => wordsOf(resource[name])).find((each) => each !== '') ?? wordsOf(categoryOf(resource))
  const name = what === '' ? String(resource['resourceType']) : what
  const parts = [
    name,
    valueOf(resource),
    statusOf(resource),
    dates.map((each) => dateOf(resource[each])).find((each) => each !== '') ?? '',
  ]
  return parts.filter((each) => each !== '').join(', ')
}

const categoryOf = ({ category }: Resource): unknown => (Array.isArray(category) ? category[0] : category)

function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!isObject(value)) return ''
  for (const name of ['text', 'display', 'reference']) if (typeof value[name] === 'string') return value[name]
  const codings: readonly unknown[] = Array.isArray(value['coding']) ? value['coding'] : []
  const [first] = codings.filter(isObject)
  const words = first?.['display'] ?? first?.['code']
  return typeof words === 'string' ? words : ''
}

function valueOf(resource: Resource): string {
  const quantity = resource['valueQuantity']
  if (isObject(quantity)) {
    const number = quantity['value']
    const unit = quantity['unit'] ?? quantity['code']
    return [quantity['comparator'], number, unit]
      .filter((each) => each !== undefined)
      .map(String)
      .join(' ')
  }
  const said = wordsOf(resource['valueCodeableConcept'] ?? resource['valueString'])
  if (said !== '') return said
  const parts: readonly unknown[] = Array.isArray(resource['component']) ? resource['component'] : []
  return parts
    .filter(isObject)
    .map((each) => `${wordsOf(each['code'])} ${valueOf(each)}`.trim())
    .join('; ')
}

const statusOf = (resource: Resource): string => wordsOf(resource['clinicalStatus']) || wordsOf(resource['status'])

function dateOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 10)
  if (!isObject(value)) return ''
  const [start, end] = [dateOf(value['start']), dateOf(value['end'])]
  return end === '' ? start : `${start} to ${end}`
}
