import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import type { Binding } from '../structure-table.ts'
import type { Codes, Membership } from './membership.ts'
import { countryName } from './open-systems.ts'

/** Something found at a value, or at a step below it. */
export interface Finding extends Omit<Issue, 'expression'> {
  readonly rule: string
  readonly at?: string
}

interface Coding {
  readonly system?: string
  readonly code?: string
  readonly display?: string
}

const severities = { required: 'error', extensible: 'warning', preferred: 'information' } as const

/**
 * What is wrong or doubtful with a coded value: whether its codes exist, carry their own names, and are in the value
 * set it is bound to. What nothing here can tell is said to be not checked.
 */
export function codingFindings(
  value: unknown,
  type: string,
  binding: Binding | undefined,
  codes: Codes,
  thorough: boolean,
): readonly Finding[] {
  const findings: Finding[] = []
  const codings = codingsOf(value, type)
  if (thorough && type !== 'code' && type !== 'Quantity')
    codings.forEach((each, index) => {
      const at = type === 'CodeableConcept' ? `coding[${index}]` : undefined
      findings.push(...codeFindings(each, codes, at))
    })
  if (binding === undefined) return findings
  const test = codes.test(binding.valueSet)
  const bound = test === undefined ? undefined : setMembership(codings, type, value, test)
  if (bound === true) return findings
  if (bound === undefined) {
    if (thorough && codings.length > 0) findings.push(notChecked(binding))
    return findings
  }
  if (binding.strength === 'required' || thorough) findings.push(outside(binding, codings))
  return findings
}

/** Whether a coded value, of whatever type, is in a value set. */
export function memberOf(value: unknown, valueSet: string, codes: Codes): Membership {
  const test = codes.test(valueSet)
  if (test === undefined) return undefined
  const type = !isObject(value) ? 'code' : 'coding' in value || 'text' in value ? 'CodeableConcept' : 'Coding'
  return setMembership(codingsOf(value, type), type, value, test)
}

function codingsOf(value: unknown, type: string): readonly Coding[] {
  if (typeof value === 'string') return [{ code: value }]
  if (!isObject(value)) return []
  if (type === 'CodeableConcept') return Array.isArray(value['coding']) ? value['coding'].filter(isObject) : []
  return [value]
}

function setMembership(
  codings: readonly Coding[],
  type: string,
  value: unknown,
  test: NonNullable<ReturnType<Codes['test']>>,
): Membership {
  // R4 Terminologies, required: a CodeableConcept must have a coding of the set; text alone will not do.
  let answer: Membership = false
  for (const { code, system } of codings) {
    if (typeof code !== 'string') {
      // Nothing says what the code is: an extension may say why.
      if (isObject(value) && 'extension' in value) answer = undefined
      continue
    }
    const one =
      type !== 'code' && type !== 'string' && type !== 'uri' && system === undefined ? false : test(code, system)
    if (one === true) return true
    if (one === undefined) answer = undefined
  }
  // A Quantity without a coded unit, and a concept with an extension only, are matters of cardinality.
  if (codings.length === 0 && isObject(value) && 'extension' in value && !('text' in value)) return undefined
  if (type === 'Quantity' && codings[0]?.code === undefined) return undefined
  return answer
}

function codeFindings({ system, code, display }: Coding, codes: Codes, place: string | undefined): Finding[] {
  if (typeof system !== 'string' || typeof code !== 'string') return []
  const at = place === undefined ? {} : { at: place }
  const exists = codes.exists(code, system)
  if (exists === false)
    return [
      {
        severity: 'error',
        code: 'code-invalid',
        rule: 'code-unknown',
        ...at,
        message: `The code "${code.slice(0, 80)}" is not in the code system ${system}`,
      },
    ]
  if (exists === undefined)
    return [
      {
        severity: 'information',
        code: 'incomplete',
        rule: 'not-checked-code',
        ...at,
        message: `Not checked: the code system ${system} is not here`,
      },
    ]
  const names = displaysOf(code, system, codes)
  if (typeof display !== 'string' || names.length === 0 || names.some((name) => sameName(name, display))) return []
  return [
    {
      severity: 'error',
      code: 'invalid',
      rule: 'code-display',
      at: place === undefined ? 'display' : `${place}.display`,
      message: `"${display.slice(0, 80)}" is not the name of the code ${code.slice(0, 80)}, which is "${names[0]}"`,
    },
  ]
}

function displaysOf(code: string, system: string, codes: Codes): readonly string[] {
  if (system === 'urn:iso:std:iso:3166') return [countryName(code) ?? '']
  const known = codes.system(system)?.codes.get(code)
  return [
    ...(known?.display === undefined ? [] : [known.display]),
    ...(known?.designations ?? []).map((each) => each.value),
  ]
}

const plain = (text: string): string => text.toLowerCase().replace(/[\s\-_'’.,()/]+/g, '')
const sameName = (left: string, right: string): boolean => left === right || plain(left) === plain(right)

const notChecked = ({ valueSet, strength }: Binding): Finding => ({
  severity: 'information',
  code: 'incomplete',
  rule: 'not-checked-binding',
  message: `Not checked: whether this is in the value set ${valueSet} (${strength}) cannot be told here`,
})

function outside({ strength, valueSet }: Binding, codings: readonly Coding[]): Finding {
  const given = codings.map(({ system, code }) => (system === undefined ? code : `${system}#${code}`)).join(', ')
  const what = given === '' ? 'There is no code here' : `${given.slice(0, 160)} is not in the value set`
  return {
    severity: severities[strength],
    code: 'code-invalid',
    rule: `binding-${strength}`,
    message: `${what}: ${strength === 'required' ? 'it must be' : 'it should be'} one of ${valueSet}`,
  }
}
