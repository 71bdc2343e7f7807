import { isObject } from '../../../base/json.ts'
import type { Finding } from '../codes/coding.ts'
import { normaliseNhsNumber } from '../nhs-number.ts'
import { systems } from '../systems.ts'
import { extensionShapes } from './extension-shapes.ts'
import { isVerhoeff } from './verhoeff.ts'

type Value = Readonly<Record<string, unknown>>

/** A rule that holds in England, whatever packages are installed. */
export interface EnglandRule {
  readonly rule: string
  /** The type of the values it is asked of. */
  readonly on: 'Identifier' | 'Coding' | 'Extension' | 'Patient' | 'Address'
  /** `error` is refused when written; `warning` and `information` are told and stored. */
  readonly severity: Finding['severity']
  readonly source: string
  /** What is wrong, in a sentence; undefined when nothing is. */
  readonly fault: (value: Value) => string | undefined
}

const dictionary = 'NHS Data Model and Dictionary'
const ukCore = 'HL7 UK, UK Core STU3 sequence, June 2025'
const snomedFiles = 'SNOMED International, Release File Specifications, SCTID'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly Value[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** The rules, in the order of what they are on. What is not here is accepted. */
export const englandRules: readonly EnglandRule[] = [
  {
    rule: 'england-nhs-number-value',
    on: 'Identifier',
    severity: 'error',
    source: `${ukCore}, Patient.identifier:nhsNumber: system and value are required`,
    fault: ({ system, value, extension, _value }) =>
      system === systems.nhsNumber && value === undefined && extension === undefined && _value === undefined
        ? 'An NHS number identifier must have a value, or say why it has none'
        : undefined,
  },
  {
    // Suppliers send numbers that fail, and a record must not be lost for it: the person index never matches on one.
    rule: 'england-nhs-number',
    on: 'Identifier',
    severity: 'warning',
    source: `${dictionary}, NHS NUMBER: ten digits, modulus 11 check digit`,
    fault: ({ system, value }) =>
      system === systems.nhsNumber && value !== undefined && normaliseNhsNumber(text(value)) === undefined
        ? 'This is not an NHS number: ten digits, of which the last is a check digit. It is not used to match people'
        : undefined,
  },
  {
    rule: 'england-nhs-number-spaces',
    on: 'Identifier',
    severity: 'warning',
    source: `${dictionary}, NHS NUMBER: stored without spaces, shown 3-3-4`,
    fault: ({ system, value }) =>
      system === systems.nhsNumber && /[\s-]/.test(text(value)) ? 'An NHS number is sent without spaces' : undefined,
  },
  {
    rule: 'england-ods-code',
    on: 'Identifier',
    severity: 'warning',
    source: 'NHS England, Organisation Data Service: codes of 3 to 10 capital letters and digits, or ANANA',
    fault: ({ system, value }) =>
      (system === systems.odsOrganisation || system === systems.odsSite) &&
      value !== undefined &&
      !/^[A-Z0-9]{2,12}$/.test(text(value))
        ? 'This is not an ODS code: capital letters and digits without spaces'
        : undefined,
  },
  {
    rule: 'england-snomed-form',
    on: 'Coding',
    severity: 'error',
    source: `${snomedFiles}: 6 to 18 digits, not beginning with 0`,
    fault: ({ system, code }) =>
      system === systems.snomedCt && /^\d+$/.test(text(code)) && !/^[1-9]\d{5,17}$/.test(text(code))
        ? 'A SNOMED CT identifier has 6 to 18 digits'
        : undefined,
  },
  {
    rule: 'england-snomed-check-digit',
    on: 'Coding',
    severity: 'warning',
    source: `${snomedFiles}: the last digit is a Verhoeff check digit`,
    fault: ({ system, code }) =>
      (system === systems.snomedCt || system === systems.dmd) &&
      /^[1-9]\d{5,17}$/.test(text(code)) &&
      !isVerhoeff(text(code))
        ? 'This code fails its check digit: a digit is wrong or missing'
        : undefined,
  },
  {
    rule: 'england-dmd-form',
    on: 'Coding',
    severity: 'error',
    source: 'NHSBSA, dm+d: VTM, VMP, VMPP, AMP and AMPP identifiers are SNOMED CT identifiers',
    fault: ({ system, code }) =>
      system === systems.dmd && code !== undefined && !/^[1-9]\d{5,17}$/.test(text(code))
        ? 'A dm+d identifier has 6 to 18 digits'
        : undefined,
  },
  {
    rule: 'england-system-https',
    on: 'Coding',
    severity: 'warning',
    source: 'SNOMED International, URI standard; HL7 Terminology: these names begin with http',
    fault: ({ system }) =>
      /^https:\/\/(?:snomed\.info\/|loinc\.org|unitsofmeasure\.org|terminology\.hl7\.org\/)/.test(text(system))
        ? `The name of this code system begins with http, not https: ${text(system).replace('https', 'http').slice(0, 120)}`
        : undefined,
  },
  {
    rule: 'england-extension-shape',
    on: 'Extension',
    severity: 'error',
    source: `${ukCore}, the definitions of its extensions`,
    fault: extensionFault,
  },
  {
    rule: 'england-uprn',
    on: 'Extension',
    severity: 'error',
    source: 'BS 7666, Unique Property Reference Number: up to 12 digits; UK Core AddressKey',
    fault: uprnFault,
  },
  {
    rule: 'england-one-nhs-number',
    on: 'Patient',
    severity: 'error',
    source: `${ukCore}, Patient.identifier:nhsNumber: at most one`,
    fault: ({ identifier }) => {
      const current = listOf(identifier).filter((each) => each['system'] === systems.nhsNumber && each['use'] !== 'old')
      const numbers = new Set(
        current.map((each) => text(each['value']).replace(/\s/g, '')).filter((each) => each !== ''),
      )
      return numbers.size > 1
        ? 'A Patient has at most one NHS number; one that was replaced has the use "old"'
        : undefined
    },
  },
  {
    rule: 'england-death-before-birth',
    on: 'Patient',
    severity: 'error',
    source: `${dictionary}, PERSON DEATH DATE: not before PERSON BIRTH DATE`,
    fault: ({ birthDate, deceasedDateTime }) =>
      text(birthDate).length === 10 &&
      text(deceasedDateTime).length >= 10 &&
      londonDate(text(deceasedDateTime)) < text(birthDate)
        ? 'The date of death is before the date of birth'
        : undefined,
  },
]

/** The calendar day in England of a date or point in time: late evenings in UTC are the next day in summer. */
export function londonDate(moment: string): string {
  if (moment.length <= 10) return moment
  try {
    return Temporal.Instant.from(moment).toZonedDateTimeISO('Europe/London').toPlainDate().toString()
  } catch {
    return moment.slice(0, 10)
  }
}

const prefix = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-'

function extensionFault(value: Value): string | undefined {
  const url = text(value['url'])
  if (!url.startsWith(prefix)) return undefined
  const name = url.slice(prefix.length)
  const shape = Object.hasOwn(extensionShapes, name) ? extensionShapes[name] : undefined
  if (shape === undefined) return undefined
  const parts = listOf(value['extension'])
  const key = Object.keys(value).find((each) => each.startsWith('value') || each.startsWith('_value'))
  if (shape.types !== undefined) {
    const type = shape.types.find((each) => key === valueKey(each) || key === `_${valueKey(each)}`)
    if (type === undefined) return `The extension ${name} holds ${shape.types.join(' or ')}`
    return codeFault(name, value[valueKey(type)], shape.codes)
  }
  if (key !== undefined) return `The extension ${name} holds parts, not a value`
  for (const part of parts) {
    const known = shape.parts ?? {}
    const of = text(part['url'])
    if (of.includes(':')) continue
    if (!Object.hasOwn(known, of)) return `The extension ${name} has no part "${of.slice(0, 60)}"`
    const types = known[of]
    if (types !== undefined && !types.some((each) => valueKey(each) in part || `_${valueKey(each)}` in part))
      return `The part ${of} of the extension ${name} holds ${types.join(' or ')}`
    const fault = codeFault(name, part['valueCodeableConcept'] ?? part['valueCoding'], shape.codes)
    if (fault !== undefined) return fault
  }
  return undefined
}

const valueKey = (type: string): string => `value${type.charAt(0).toUpperCase()}${type.slice(1)}`

function codeFault(
  name: string,
  value: unknown,
  codes: Readonly<Record<string, readonly string[]>> | undefined,
): string | undefined {
  if (codes === undefined || !isObject(value)) return undefined
  for (const { system, code } of 'coding' in value ? listOf(value['coding']) : [value]) {
    const known = Object.hasOwn(codes, text(system)) ? codes[text(system)] : undefined
    if (known !== undefined && typeof code === 'string' && !known.includes(code))
      return `"${code.slice(0, 40)}" is no code of ${text(system)}, which ${name} takes its codes from`
  }
  return undefined
}

function uprnFault({ url, extension }: Value): string | undefined {
  if (url !== `${prefix}AddressKey`) return undefined
  const parts = listOf(extension)
  const of = (name: string) => parts.find((each) => each['url'] === name)
  const type = of('type')
  const coding = isObject(type?.['valueCodeableConcept'])
    ? listOf(type['valueCodeableConcept']['coding'])[0]
    : type?.['valueCoding']
  const value = text(of('value')?.['valueString'])
  return isObject(coding) && coding['code'] === 'UPRN' && !/^\d{1,12}$/.test(value)
    ? 'A UPRN has 1 to 12 digits'
    : undefined
}

const byType = new Map(englandRules.map(({ on }) => [on as string, englandRules.filter((each) => each.on === on)]))
const errorsByType = new Map([...byType].map(([on, rules]) => [on, rules.filter((each) => each.severity === 'error')]))
const none: readonly Finding[] = []

/** What England's rules say of a value of some type. */
export function englandFindings(type: string, value: unknown, thorough: boolean): readonly Finding[] {
  const rules = (thorough ? byType : errorsByType).get(type)
  if (rules === undefined || !isObject(value)) return none
  let findings: Finding[] | undefined
  for (const { rule, severity, fault } of rules) {
    const message = fault(value)
    if (message !== undefined)
      (findings ??= []).push({ severity, code: severity === 'error' ? 'business-rule' : 'value', rule, message })
  }
  return findings ?? none
}
