import type { Communication, FhirResource, Observation } from 'fhir/r4.js'
import { londonZone } from '../base/clock.ts'
import { plainDate } from '../ui/format/dates.ts'
import { noteCategory } from './describe/plan.ts'
import { loincSystem } from './describe/words.ts'
import { type Decoded, type Field, numberBetween, requiredText, type TypedNumber } from './form.ts'

/** One number that is typed. The limits only catch slips of the finger: they are settings, not clinical rules. */
export interface MeasurementPart {
  readonly name: string
  readonly label: string
  /** Words in an error: "systolic pressure". */
  readonly what: string
  readonly least: number
  readonly most: number
  readonly example: string
  readonly loinc: string
  readonly display: string
}

/** Something a person or a nurse can measure and add. */
export interface Measurement {
  readonly id: string
  readonly title: string
  /** Shown beside the field: "mmHg". */
  readonly unit: string
  /** UCUM. */
  readonly ucum: string
  readonly loinc: string
  readonly display: string
  readonly parts: readonly MeasurementPart[]
}

type Single = Omit<MeasurementPart, 'name' | 'label'> & { id: string; title: string; unit: string; ucum: string }

const single = ({ id, title, unit, ucum, ...part }: Single): Measurement => ({
  id,
  title,
  unit,
  ucum,
  loinc: part.loinc,
  display: part.display,
  parts: [{ ...part, name: 'value', label: title }],
})

/** LOINC codes of the R4 vital signs profile; UCUM units. */
export const measurements: readonly Measurement[] = [
  {
    id: 'blood-pressure',
    title: 'Blood pressure',
    unit: 'mmHg',
    ucum: 'mm[Hg]',
    loinc: '85354-9',
    display: 'Blood pressure',
    parts: [
      {
        name: 'systolic',
        label: 'Upper value (systolic)',
        what: 'upper value',
        least: 40,
        most: 300,
        example: '120',
        loinc: '8480-6',
        display: 'Systolic blood pressure',
      },
      {
        name: 'diastolic',
        label: 'Lower value (diastolic)',
        what: 'lower value',
        least: 20,
        most: 200,
        example: '80',
        loinc: '8462-4',
        display: 'Diastolic blood pressure',
      },
    ],
  },
  single({
    id: 'pulse',
    title: 'Pulse',
    what: 'pulse',
    unit: 'beats/minute',
    ucum: '/min',
    least: 20,
    most: 300,
    example: '72',
    loinc: '8867-4',
    display: 'Heart rate',
  }),
  single({
    id: 'temperature',
    title: 'Temperature',
    what: 'temperature',
    unit: '°C',
    ucum: 'Cel',
    least: 25,
    most: 45,
    example: '37.2',
    loinc: '8310-5',
    display: 'Body temperature',
  }),
  single({
    id: 'weight',
    title: 'Weight',
    what: 'weight',
    unit: 'kg',
    ucum: 'kg',
    least: 0.3,
    most: 400,
    example: '70.5',
    loinc: '29463-7',
    display: 'Body weight',
  }),
  single({
    id: 'oxygen',
    title: 'Oxygen saturation',
    what: 'oxygen saturation',
    unit: '%',
    ucum: '%',
    least: 40,
    most: 100,
    example: '97',
    loinc: '2708-6',
    display: 'Oxygen saturation',
  }),
  single({
    id: 'breathing',
    title: 'Respiratory rate',
    what: 'respiratory rate',
    unit: 'breaths/minute',
    ucum: '/min',
    least: 3,
    most: 90,
    example: '16',
    loinc: '9279-1',
    display: 'Respiratory rate',
  }),
]

/** What can be added: a measurement, or a note. */
export const addableKinds: readonly { readonly id: string; readonly title: string }[] = [
  ...measurements.map(({ id, title }) => ({ id, title })),
  { id: 'note', title: 'Note' },
]

/** The fields of the form for one kind. */
export function fieldsOf(kind: string, now: Temporal.Instant): Readonly<Record<string, Field<unknown>>> {
  const measurement = measurements.find(({ id }) => id === kind)
  if (measurement === undefined) return { text: requiredText('Write the note'), when: moment(now) }
  const numbers = measurement.parts.map(({ name, least, most, what, example }) => [
    name,
    numberBetween(least, most, what, example),
  ])
  return { ...Object.fromEntries(numbers), when: moment(now) }
}

/** A day in three controls and a time in one, as an instant that is not in the future. */
const moment =
  (now: Temporal.Instant): Field<string> =>
  (form, name) => {
    const part = (key: string): string => (form.get(`${name}-${key}`) ?? '').trim()
    const day = `${part('year')}-${part('month').padStart(2, '0')}-${part('day').padStart(2, '0')}`
    const time = /^(\d{1,2})[:.](\d{2})\s*(am|pm)?$/i.exec(part('time'))
    const date = plainDate(day)
    if (date === undefined) return wrong('Enter the day it happened, for example 27 3 2026')
    if (time === null) return wrong('Enter the time it happened, for example 14:30')
    const hour = hourOf(Number(time[1]), time[3])
    if (hour > 23 || Number(time[2]) > 59) return wrong('Enter the time it happened, for example 14:30')
    const at = date
      .toZonedDateTime({ timeZone: londonZone, plainTime: new Temporal.PlainTime(hour, Number(time[2])) })
      .toInstant()
    if (Temporal.Instant.compare(at, now.add({ minutes: 1 })) > 0)
      return wrong('The day and time must not be in the future')
    return { ok: true, value: at.toString() }
  }

const wrong = (message: string): Decoded<string> => ({ ok: false, message })

const hourOf = (hour: number, half: string | undefined): number => {
  if (half === undefined) return hour
  return half.toLowerCase() === 'pm' ? (hour % 12) + 12 : hour % 12
}

/** The answers that mean "now", to begin with. */
export function answersForNow(now: Temporal.Instant): Readonly<Record<string, string>> {
  const here = now.toZonedDateTimeISO(londonZone)
  const two = (value: number): string => String(value).padStart(2, '0')
  return {
    'when-day': String(here.day),
    'when-month': String(here.month),
    'when-year': String(here.year),
    'when-time': `${two(here.hour)}:${two(here.minute)}`,
  }
}

/** What is about to be added, in words for the check page. */
export function readBack(kind: string, values: Readonly<Record<string, unknown>>): string {
  const measurement = measurements.find(({ id }) => id === kind)
  if (measurement === undefined) return textOf(values['text'])
  const digits = measurement.parts.map(({ name }) => numberOf(values[name]).digits).join('/')
  return `${digits}${measurement.unit === '%' ? '' : ' '}${measurement.unit}`
}

/** The resource to add. Author, subject and source are the kernel's to fill. */
export function draftOf(kind: string, values: Readonly<Record<string, unknown>>): FhirResource {
  const measurement = measurements.find(({ id }) => id === kind)
  const when = textOf(values['when'])
  return measurement === undefined ? note(textOf(values['text']), when) : observation(measurement, values, when)
}

const note = (text: string, when: string): Communication => ({
  resourceType: 'Communication',
  status: 'completed',
  category: [{ coding: [{ ...noteCategory, display: 'Note' }] }],
  sent: when,
  payload: [{ contentString: text }],
})

function observation(measurement: Measurement, values: Readonly<Record<string, unknown>>, when: string): Observation {
  const { unit, ucum, loinc, display, title, parts } = measurement
  const quantity = (name: string) => ({
    value: asTyped(numberOf(values[name]).digits),
    unit,
    system: 'http://unitsofmeasure.org',
    code: ucum,
  })
  const code = (value: string, words: string) => ({
    coding: [{ system: loincSystem, code: value, display: words }],
    text: words,
  })
  const value =
    parts.length === 1
      ? { valueQuantity: quantity('value') }
      : {
          component: parts.map((part) => ({
            code: code(part.loinc, part.display),
            valueQuantity: quantity(part.name),
          })),
        }
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
            display: 'Vital signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: loincSystem, code: loinc, display }], text: title },
    effectiveDateTime: when,
    ...value,
  }
}

/** A number that is written with the digits that were typed: 37.0 stays 37.0 (ECMAScript JSON.rawJSON, not yet in the types). */
const asTyped = (digits: string): number => Reflect.get(JSON, 'rawJSON')(digits)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function numberOf(value: unknown): TypedNumber {
  if (typeof value === 'object' && value !== null && 'digits' in value && 'value' in value) {
    const { digits, value: number } = value
    if (typeof digits === 'string' && typeof number === 'number') return { digits, value: number }
  }
  return { digits: '', value: Number.NaN }
}
