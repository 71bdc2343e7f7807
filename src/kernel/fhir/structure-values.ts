import { isObject } from '../../base/json.ts'
import type { Issue } from '../../base/problem.ts'
import { codingFindings, type Finding } from './codes/coding.ts'
import { coreCodes } from './codes/core.ts'
import { englandFindings } from './england/rules.ts'
import type { Environment } from './fhirpath/environment.ts'
import { narrativeFaults } from './narrative.ts'
import { targetType } from './reference-target.ts'
import type { StructureOptions } from './structure.ts'
import type { Binding, Property } from './structure-table.ts'

const none: readonly Finding[] = []

type Check = (
  property: Property,
  value: unknown,
  environment: Environment,
  options: StructureOptions,
) => readonly Finding[]

/** What is wrong or doubtful with a value beyond its own shape. */
export function valueFindings(
  property: Property,
  value: unknown,
  environment: Environment,
  options: StructureOptions,
): readonly Finding[] {
  const type = property.type ?? ''
  const check = checks[type]
  const found = check === undefined ? none : check(property, value, environment, options)
  const england = englandFindings(type, value, options.thorough === true)
  // The parts of a CodeableConcept are looked at as Codings of their own.
  return england.length === 0 ? found : [...found, ...england]
}

const coded: Check = ({ binding, type }, value, _, options) => {
  if (binding === undefined && options.thorough !== true) return none
  if (binding !== undefined && binding.strength !== 'required' && options.thorough !== true) return none
  if (binding?.strength === 'required' && options.thorough !== true && knownGood(binding, type, value)) return none
  return codingFindings(value, type ?? '', binding, options.codes ?? coreCodes(), options.thorough === true)
}

/** The short answer for the hot path: a code of a value set of R4. */
function knownGood(binding: Binding, type: string | undefined, value: unknown): boolean {
  if (binding.test === undefined) binding.test = coreCodes().test(binding.valueSet) ?? null
  return type === 'code' && typeof value === 'string' && binding.test?.(value, undefined) === true
}

const reference: Check = ({ targets }, value, { rootResource }) => {
  if (targets === undefined || !isObject(value)) return none
  const type = targetType(value, rootResource)
  if (type === undefined || targets.has(type)) return none
  const message = `A reference here leads to ${[...targets].join(', ')}, not to a ${type}`
  return [{ severity: 'error', code: 'structure', rule: 'reference-target', message }]
}

const attachment: Check = (_, value) => {
  if (!isObject(value)) return none
  const { data, size } = value
  if (typeof data !== 'string' || typeof size !== 'number') return none
  const actual = Buffer.byteLength(data, 'base64')
  if (actual === size) return none
  const message = `The size says ${size} bytes, and the data has ${actual}`
  return [{ severity: 'error', code: 'structure', rule: 'attachment-size', message, at: 'size' }]
}

const narrative: Check = (_, value, { resource }, { thorough }) => {
  if (typeof value !== 'string') return none
  const known = thorough === true ? (id: string) => hasId(resource, id) : () => true
  return narrativeFaults(value, known).map(({ rule, message }) => ({
    severity: rule === 'xhtml-anchor' ? 'warning' : 'error',
    code: rule.startsWith('txt') ? 'invariant' : 'invalid',
    rule,
    message,
  }))
}

/** Whether anything in a resource has an id. */
function hasId(value: unknown, id: string): boolean {
  if (Array.isArray(value)) return value.some((each) => hasId(each, id))
  if (!isObject(value)) return false
  return value['id'] === id || Object.values(value).some((each) => typeof each === 'object' && hasId(each, id))
}

const markup = /<\/?[A-Za-z][^<>]*>/

const text: Check = ({ step }, value, _, { thorough }) => {
  if (thorough !== true || typeof value !== 'string' || step === 'div' || !value.includes('<') || !markup.test(value))
    return none
  const message = 'This text looks as if it held HTML tags. They are shown as they are, and must not be run'
  return [{ severity: 'warning', code: 'invalid', rule: 'text-markup', message }]
}

const uuid = /^urn:uuid:/
const goodUuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const oid = /^urn:oid:/
const goodOid = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/

const uri: Check = ({ step, binding, type }, value, _, options) => {
  if (typeof value !== 'string') return none
  const findings: Finding[] = []
  const report = (severity: Issue['severity'], rule: string, message: string): void =>
    void findings.push({ severity, code: 'invalid', rule, message })
  if (uuid.test(value) && !goodUuid.test(value)) report('error', 'uri-uuid', 'A UUID has 36 lower-case characters')
  if (oid.test(value) && !goodOid.test(value)) report('error', 'uri-oid', 'An OID has numbers with full stops between')
  if (type === 'canonical' && options.thorough === true && !/^#|^[a-z][a-z0-9+.-]*:/i.test(value))
    report('error', 'canonical-absolute', 'A canonical URL must be absolute')
  if (step === 'profile' && value.startsWith('#'))
    report('error', 'canonical-absolute', 'A profile has an absolute URL')
  return binding === undefined
    ? findings
    : [
        ...findings,
        ...coded(
          { ...noProperty, binding, type: 'uri' },
          value,
          { resource: undefined, rootResource: undefined },
          options,
        ),
      ]
}

const noProperty: Property = { kind: 'primitive', many: false, step: '', bit: 0, choice: false, checked: true }

const extension: Check = (_, value) => {
  const url = isObject(value) ? value['url'] : undefined
  if (typeof url !== 'string' || url === '') return none
  if (/\s/.test(url))
    return [{ severity: 'error', code: 'invalid', rule: 'extension-url', message: 'A URL has no space' }]
  return none
}

const checks: Readonly<Record<string, Check>> = {
  code: coded,
  Coding: coded,
  CodeableConcept: coded,
  Quantity: coded,
  Age: coded,
  Duration: coded,
  Reference: reference,
  Attachment: attachment,
  xhtml: narrative,
  string: (property, value, environment, options) =>
    property.binding === undefined
      ? text(property, value, environment, options)
      : [...text(property, value, environment, options), ...coded(property, value, environment, options)],
  markdown: text,
  uri,
  url: uri,
  canonical: uri,
  Extension: extension,
}
