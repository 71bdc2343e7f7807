import type { Observation, ObservationComponent, ObservationReferenceRange } from 'fhir/r4.js'
import type { Described, DescribedValue, StatusWord } from './described.ts'
import { capitalised, conceptText, conceptTexts, loincSystem, noteLines, snomedSystem, statusWords } from './words.ts'
import { quantityText, type Written } from './written.ts'

/** HL7 v3 ObservationInterpretation, R4 binding, in the words of the screens. */
const interpretations: Readonly<Record<string, StatusWord>> = {
  H: { text: 'Above range', tone: 'unusual' },
  HH: { text: 'Far above range', tone: 'danger' },
  HU: { text: 'Far above range', tone: 'danger' },
  L: { text: 'Below range', tone: 'unusual' },
  LL: { text: 'Far below range', tone: 'danger' },
  LU: { text: 'Far below range', tone: 'danger' },
  A: { text: 'Outside range', tone: 'unusual' },
  AA: { text: 'Far outside range', tone: 'danger' },
  POS: { text: 'Positive', tone: 'unusual' },
  NEG: { text: 'Negative', tone: 'plain' },
  DET: { text: 'Detected', tone: 'unusual' },
  ND: { text: 'Not detected', tone: 'plain' },
  R: { text: 'Resistant', tone: 'unusual' },
  S: { text: 'Susceptible', tone: 'plain' },
}

const categoryKinds: Readonly<Record<string, readonly [Described['kind'], string]>> = {
  laboratory: ['result', 'Result'],
  imaging: ['result', 'Imaging'],
  'vital-signs': ['observation', 'Observation'],
  'social-history': ['observation', 'Social history'],
  survey: ['observation', 'Assessment'],
  exam: ['observation', 'Examination'],
}

const ended = new Set(['cancelled', 'entered-in-error', 'unknown'])

export function describeObservation(observation: Observation, written: Written): Described {
  const category = (observation.category ?? []).flatMap(({ coding }) => coding ?? []).map(({ code }) => code ?? '')
  const [kind, kindWord] = category.map((code) => categoryKinds[code]).find((found) => found !== undefined) ?? [
    'observation',
    'Observation',
  ]
  const value = observationValue(observation, written)
  const code = mainCode(observation)
  return {
    kind,
    kindWord,
    title: capitalised(conceptText(observation.code)) || 'Observation',
    ...(value === undefined ? {} : { value }),
    ...(code === undefined ? {} : { code }),
    statuses: [...interpretationWords(observation), ...stateWords(observation.status)],
    lines: [...componentLines(observation, written), ...absentLine(observation), ...noteLines(observation.note)],
    current: !ended.has(observation.status),
  }
}

function mainCode(observation: Observation): string | undefined {
  const coding = observation.code.coding?.find(({ system }) => system === loincSystem || system === snomedSystem)
  const chosen = coding ?? observation.code.coding?.[0]
  return chosen?.code === undefined ? undefined : `${chosen.system ?? ''}|${chosen.code}`
}

function interpretationWords({ interpretation }: Observation): readonly StatusWord[] {
  const codes = (interpretation ?? []).flatMap(({ coding }) => coding ?? []).map(({ code }) => code ?? '')
  return codes.flatMap((code) => interpretations[code] ?? [])
}

function stateWords(status: string): readonly StatusWord[] {
  if (status === 'final') return []
  const words: Readonly<Record<string, StatusWord>> = {
    registered: { text: 'Not ready yet', tone: 'active' },
    preliminary: { text: 'Not final', tone: 'active' },
    amended: { text: 'Amended', tone: 'unusual' },
    corrected: { text: 'Corrected', tone: 'unusual' },
    'entered-in-error': { text: 'Recorded by mistake', tone: 'ended' },
  }
  return [words[status] ?? { text: statusWords(status), tone: 'ended' }]
}

function observationValue(observation: Observation, written: Written): DescribedValue | undefined {
  const pair = pressurePair(observation, written)
  if (pair !== undefined) return pair
  const { valueQuantity } = observation
  if (valueQuantity === undefined) {
    const text = otherValue(observation)
    return text === '' ? undefined : { text, unit: '' }
  }
  const range = rangeOf(observation.referenceRange?.[0], written)
  return {
    text: quantityText(valueQuantity, written),
    unit: valueQuantity.unit ?? valueQuantity.code ?? '',
    // A value known only as "less than" is not a point on a line.
    ...(valueQuantity.value === undefined || valueQuantity.comparator !== undefined
      ? {}
      : { number: valueQuantity.value }),
    ...(range === undefined ? {} : { range }),
  }
}

/** LOINC and SNOMED CT codes of the two blood pressure values. */
const systolic = new Set(['8480-6', '271649006', '72313002'])
const diastolic = new Set(['8462-4', '271650006', '1091811000000102'])

const component = (observation: Observation, codes: ReadonlySet<string>): ObservationComponent | undefined =>
  observation.component?.find(({ code }) => code.coding?.some((coding) => codes.has(coding.code ?? '')) === true)

function pressurePair(observation: Observation, written: Written): DescribedValue | undefined {
  const high = component(observation, systolic)?.valueQuantity
  const low = component(observation, diastolic)?.valueQuantity
  if (high?.value === undefined || low?.value === undefined) return undefined
  const unit = high.unit ?? high.code ?? ''
  const digits = (quantity: typeof high): string => written.digits(quantity, 'value') ?? String(quantity.value)
  return { text: `${digits(high)}/${digits(low)} ${unit}`.trim(), unit, number: high.value, low: low.value }
}

function otherValue(observation: Observation): string {
  if (observation.valueCodeableConcept !== undefined) return conceptText(observation.valueCodeableConcept)
  if (observation.valueBoolean !== undefined) return observation.valueBoolean ? 'Yes' : 'No'
  if (observation.valueInteger !== undefined) return String(observation.valueInteger)
  return observation.valueString ?? observation.valueDateTime ?? observation.valueTime ?? ''
}

function rangeOf(range: ObservationReferenceRange | undefined, written: Written): DescribedValue['range'] {
  if (range === undefined) return undefined
  const low = range.low?.value
  const high = range.high?.value
  const lowText = quantityText(range.low, written)
  const highText = quantityText(range.high, written)
  const words =
    lowText !== '' && highText !== '' ? `${written.digits(range.low ?? {}, 'value') ?? ''} to ${highText}` : ''
  const oneSided = lowText === '' ? `up to ${highText}` : `${lowText} or more`
  if (lowText === '' && highText === '') return range.text === undefined ? undefined : { text: range.text }
  return {
    text: range.text ?? (words === '' ? oneSided : words),
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
  }
}

function componentLines(observation: Observation, written: Written): readonly string[] {
  if (pressurePair(observation, written) !== undefined) return []
  return (observation.component ?? []).map(
    ({ code, valueQuantity, valueCodeableConcept, valueString, valueInteger }) => {
      const value =
        valueQuantity === undefined
          ? (valueString ?? (valueInteger === undefined ? conceptText(valueCodeableConcept) : String(valueInteger)))
          : quantityText(valueQuantity, written)
      return `${capitalised(conceptText(code))}: ${value === '' ? 'no value' : value}`
    },
  )
}

function absentLine({ dataAbsentReason, method, bodySite }: Observation): readonly string[] {
  const absent = conceptText(dataAbsentReason)
  return [
    ...(absent === '' ? [] : [`No value: ${absent}`]),
    ...conceptTexts(bodySite === undefined ? [] : [bodySite]).map((site) => `Site: ${site}`),
    ...conceptTexts(method === undefined ? [] : [method]).map((way) => `Method: ${way}`),
  ]
}
