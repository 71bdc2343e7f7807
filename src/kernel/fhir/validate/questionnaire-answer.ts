import type { Questionnaire, QuestionnaireItem, ValueSet } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { Codes, type Membership } from '../codes/membership.ts'
import { Library } from '../packages/library.ts'
import { valueOrder } from '../profiles/value-limits.ts'
import { typeInReference } from '../reference-target.ts'
import type { Validator } from './validator.ts'

type Value = Readonly<Record<string, unknown>>

/** Something about one answer. */
export interface AnswerIssue {
  readonly rule: string
  readonly message: string
  readonly severity: Issue['severity']
}

/** R4 item types and the types of answer that each takes. */
const answerTypes: Readonly<Record<string, readonly string[]>> = {
  boolean: ['boolean'],
  decimal: ['decimal'],
  integer: ['integer'],
  date: ['date'],
  dateTime: ['dateTime'],
  time: ['time'],
  string: ['string'],
  text: ['string'],
  url: ['uri'],
  choice: ['Coding', 'string', 'integer', 'date', 'time', 'Reference'],
  'open-choice': ['Coding', 'string', 'integer', 'date', 'time', 'Reference'],
  attachment: ['Attachment'],
  reference: ['Reference'],
  quantity: ['Quantity'],
}

/** What is wrong with an answer to a question. */
export function answerIssues(
  definition: QuestionnaireItem,
  answer: Value,
  questionnaire: Questionnaire,
  validator: Validator,
): readonly AnswerIssue[] {
  const entry = Object.entries(answer).find(([key]) => key.startsWith('value'))
  if (entry === undefined) return []
  const [key, value] = entry
  const type = lowerFirst(key.slice(5))
  const allowed = answerTypes[definition.type] ?? []
  if (!allowed.includes(type) || !fitsOptions(definition, type))
    return [error('questionnaire-type', `An answer here is a ${definition.type}, not a ${type}`)]
  return [
    ...optionIssues(definition, type, value),
    ...valueSetIssues(definition, value, questionnaire, validator),
    ...limitIssues(definition, value),
    ...(isObject(value) ? complexIssues(definition, type, value) : textIssues(definition, type, value)),
  ]
}

const complexNames = new Set(['coding', 'attachment', 'reference', 'quantity'])
const lowerFirst = (text: string): string => {
  const lower = text.charAt(0).toLowerCase() + text.slice(1)
  return complexNames.has(lower) ? text : lower
}

const error = (rule: string, message: string): AnswerIssue => ({ rule, message, severity: 'error' })

/** A choice takes the type of its options; only an open one takes other text. */
function fitsOptions({ type, answerOption, answerValueSet }: QuestionnaireItem, given: string): boolean {
  if (type !== 'choice' && type !== 'open-choice') return true
  const types = new Set([...(answerOption ?? []).map(optionType), ...(answerValueSet === undefined ? [] : ['Coding'])])
  return types.size === 0 || types.has(given) || (type === 'open-choice' && given === 'string')
}

const optionEntry = (option: object): readonly [string, unknown] | undefined =>
  Object.entries(option).find(([key]) => key.startsWith('value'))
const optionType = (option: object): string => lowerFirst((optionEntry(option)?.[0] ?? 'value').slice(5))

function optionIssues(definition: QuestionnaireItem, type: string, value: unknown): readonly AnswerIssue[] {
  const options = definition.answerOption ?? []
  if (options.length === 0 || (definition.type === 'open-choice' && type === 'string')) return []
  const same = (option: unknown): boolean =>
    isObject(option) && isObject(value)
      ? type === 'Reference'
        ? option['reference'] === value['reference']
        : option['code'] === value['code'] && (option['system'] === value['system'] || option['system'] === undefined)
      : option === value
  if (options.some((each) => same(optionEntry(each)?.[1]))) return []
  const shown = isObject(value) ? `${String(value['system'])}#${String(value['code'])}` : String(value)
  return [error('questionnaire-option', `${shown.slice(0, 120)} is not one of the options`)]
}

function valueSetIssues(
  { answerValueSet }: QuestionnaireItem,
  value: unknown,
  questionnaire: Questionnaire,
  validator: Validator,
): readonly AnswerIssue[] {
  if (answerValueSet === undefined) return []
  if (!isObject(value) || typeof value['code'] !== 'string') return []
  const system = typeof value['system'] === 'string' ? value['system'] : undefined
  const member = memberOf(answerValueSet, value['code'], system, questionnaire, validator)
  if (member === undefined)
    return [
      {
        rule: 'not-checked-binding',
        message: `Not checked: whether this is in the value set ${answerValueSet}`,
        severity: 'information',
      },
    ]
  return member
    ? []
    : [
        error(
          'questionnaire-option',
          `${system ?? ''}#${value['code'].slice(0, 80)} is not in the value set ${answerValueSet}`,
        ),
      ]
}

function memberOf(
  canonical: string,
  code: string,
  system: string | undefined,
  questionnaire: Questionnaire,
  validator: Validator,
): Membership {
  if (!canonical.startsWith('#')) return validator.codes.test(canonical)?.(code, system)
  const found = (questionnaire.contained ?? []).find(
    (each): each is ValueSet => each.resourceType === 'ValueSet' && each.id === canonical.slice(1),
  )
  if (found === undefined) return undefined
  const library = new Library(validator.library)
  library.add({ ...found, url: 'urn:linchpin:contained' })
  return new Codes(library).test('urn:linchpin:contained')?.(code, system)
}

const standard = 'http://hl7.org/fhir/StructureDefinition/'
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'

function extensionValues(definition: QuestionnaireItem, ...urls: readonly string[]): readonly unknown[] {
  return (definition.extension ?? []).flatMap((each) =>
    urls.includes(each.url)
      ? Object.entries(each).flatMap(([key, value]: [string, unknown]) => (key.startsWith('value') ? [value] : []))
      : [],
  )
}

function limitIssues(definition: QuestionnaireItem, value: unknown): readonly AnswerIssue[] {
  const issues: AnswerIssue[] = []
  const limits = [
    ['least', -1, extensionValues(definition, `${standard}minValue`, `${sdc}minQuantity`)],
    ['most', 1, extensionValues(definition, `${standard}maxValue`, `${sdc}maxQuantity`)],
  ] as const
  for (const [name, sign, bounds] of limits)
    for (const bound of bounds) {
      const order = valueOrder(value, bound)
      if (order === undefined && isObject(value) && isObject(bound))
        issues.push(
          error('questionnaire-limit', `The unit cannot be compared with that of the ${name} that is allowed`),
        )
      else if (order !== undefined && order * sign > 0)
        issues.push(error('questionnaire-limit', `This is beyond the ${name} that is allowed`))
    }
  return issues
}

function textIssues(definition: QuestionnaireItem, type: string, value: unknown): readonly AnswerIssue[] {
  const issues: AnswerIssue[] = []
  if (typeof value === 'number') {
    const [places] = extensionValues(definition, `${standard}maxDecimalPlaces`)
    const has = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0
    if (typeof places === 'number' && has > places)
      issues.push(error('questionnaire-decimals', `This has ${has} decimal places and may have ${places}`))
    return issues
  }
  if (typeof value !== 'string') return issues
  const [least] = extensionValues(definition, `${standard}minLength`)
  if (typeof least === 'number' && value.length < least)
    issues.push(error('questionnaire-length', `This must have at least ${least} characters`))
  if (definition.maxLength !== undefined && value.length > definition.maxLength)
    issues.push(error('questionnaire-length', `This may have at most ${definition.maxLength} characters`))
  const [pattern] = extensionValues(definition, `${standard}regex`)
  if (typeof pattern === 'string' && type === 'string' && !matches(pattern, value))
    issues.push(error('questionnaire-regex', `This does not have the form ${pattern.slice(0, 120)}`))
  return issues
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(text)
  } catch {
    // A pattern that cannot be read forbids nothing.
    return true
  }
}

function complexIssues(definition: QuestionnaireItem, type: string, value: Value): readonly AnswerIssue[] {
  if (type === 'Attachment') return attachmentIssues(definition, value)
  if (type === 'Quantity') return unitIssues(definition, value)
  return type === 'Reference' ? referenceIssues(definition, value) : []
}

function attachmentIssues(definition: QuestionnaireItem, { contentType, size }: Value): readonly AnswerIssue[] {
  const issues: AnswerIssue[] = []
  const allowed = extensionValues(definition, `${standard}mimeType`)
  if (allowed.length > 0 && !allowed.includes(contentType))
    issues.push(error('questionnaire-attachment', `This must be of the type ${allowed.join(' or ')}`))
  const [most] = extensionValues(definition, `${standard}maxSize`)
  if (typeof most === 'number' && typeof size === 'number' && size > most * 1024 * 1024)
    issues.push(error('questionnaire-attachment', `This may have at most ${most} MB`))
  return issues
}

function unitIssues(definition: QuestionnaireItem, { code, system }: Value): readonly AnswerIssue[] {
  const units = extensionValues(definition, `${standard}questionnaire-unitOption`).filter(isObject)
  if (units.length === 0 || units.some((each) => each['code'] === code && each['system'] === system)) return []
  return [error('questionnaire-unit', `The unit must be ${units.map((each) => String(each['code'])).join(' or ')}`)]
}

function referenceIssues(definition: QuestionnaireItem, { reference }: Value): readonly AnswerIssue[] {
  if (typeof reference !== 'string') return []
  if (/\s/.test(reference)) return [error('questionnaire-reference', 'A reference has no spaces')]
  const allowed = extensionValues(definition, `${standard}questionnaire-referenceResource`)
  const type = typeInReference(reference)
  if (allowed.length === 0 || type === undefined || allowed.includes(type)) return []
  return [error('questionnaire-reference', `A reference here leads to ${allowed.join(' or ')}, not to a ${type}`)]
}
