import type { Questionnaire, QuestionnaireItem } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { unversioned } from '../packages/library.ts'
import { pathOf } from '../profiles/place.ts'
import { answerIssues } from './questionnaire-answer.ts'
import { type Answered, answeredItem, isEnabled } from './questionnaire-enabled.ts'
import type { ResourceCheck } from './resource-checks.ts'
import type { Validator } from './validator.ts'

type Value = Readonly<Record<string, unknown>>

/** R4 QuestionnaireResponse against the Questionnaire it answers: link ids, types, required, enabled, options, limits. */
export const questionnaireResponseChecks: ResourceCheck = (item, _, validator) => {
  const response = isObject(item.value) ? item.value : {}
  const place = pathOf(item.place)
  const canonical = response['questionnaire']
  if (typeof canonical !== 'string')
    return [issue(place, 'questionnaire-unknown', 'Not checked: it names no Questionnaire', 'information')]
  const questionnaire = canonical.startsWith('#')
    ? containedOf(response, canonical.slice(1))
    : validator.library.questionnaire(canonical)
  if (questionnaire === undefined)
    return [
      issue(
        place,
        'questionnaire-unknown',
        `Not checked: the Questionnaire ${unversioned(canonical).slice(0, 200)} is not here`,
        'information',
      ),
    ]
  // A response under way may still lack answers, and is told of them without being wrong.
  const whole = response['status'] === 'completed' || response['status'] === 'amended'
  const check = new ResponseCheck(response, validator, whole, questionnaire)
  check.items(questionnaire.item ?? [], response, place)
  return check.issues
}

function containedOf(response: Value, id: string): Questionnaire | undefined {
  const list: unknown = response['contained']
  const found: unknown = Array.isArray(list)
    ? list.find((each: unknown) => isObject(each) && each['id'] === id && each['resourceType'] === 'Questionnaire')
    : undefined
  // Its shape was checked with the response's.
  return found === undefined ? undefined : (found as Questionnaire)
}

const issue = (expression: string, rule: string, message: string, severity: Issue['severity'] = 'error'): Issue => ({
  severity,
  code: severity === 'information' ? 'incomplete' : 'business-rule',
  rule,
  message,
  expression,
})

const listOf = (value: unknown): readonly Value[] => (Array.isArray(value) ? value.filter(isObject) : [])

const hiddenUrl = 'http://hl7.org/fhir/StructureDefinition/questionnaire-hidden'
const minOccursUrl = 'http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs'
const maxOccursUrl = 'http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs'
const calculatedUrl = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression'

const extensionOf = (item: QuestionnaireItem, url: string) => item.extension?.find((each) => each.url === url)

class ResponseCheck {
  readonly issues: Issue[] = []
  readonly #response: Value
  readonly #validator: Validator
  readonly #whole: boolean
  readonly #questionnaire: Questionnaire

  constructor(response: Value, validator: Validator, whole: boolean, questionnaire: Questionnaire) {
    this.#response = response
    this.#validator = validator
    this.#whole = whole
    this.#questionnaire = questionnaire
  }

  /** The items of one group or answer against the definitions at that level. */
  items(
    definitions: readonly QuestionnaireItem[],
    parent: Value,
    place: string,
    above: readonly Answered[] = [],
  ): void {
    const items = listOf(parent['item'])
    const known = new Map(definitions.map((each, index) => [each.linkId, index]))
    const siblings = [...above, { items }]
    let last = -1
    items.forEach((each, index) => {
      const at = `${place}.item[${index}]`
      const linkId = String(each['linkId'])
      const order = known.get(linkId)
      if (order === undefined) return this.#unknown(linkId, at)
      if (order < last)
        this.#report(
          at,
          'questionnaire-order',
          `The item ${linkId} comes after one that follows it in the Questionnaire`,
        )
      last = Math.max(last, order)
    })
    for (const definition of definitions) {
      const own = items.flatMap((each, index) =>
        each['linkId'] === definition.linkId ? [{ each, at: `${place}.item[${index}]` }] : [],
      )
      this.#definition(definition, own, place, siblings)
    }
  }

  #unknown(linkId: string, at: string): void {
    const elsewhere = this.#isDefined(linkId, this.#questionnaire.item ?? [])
    this.#report(
      at,
      'questionnaire-link',
      elsewhere
        ? `The item ${linkId} belongs elsewhere in the Questionnaire`
        : `The Questionnaire has no item ${linkId}`,
    )
  }

  #isDefined(linkId: string, items: readonly QuestionnaireItem[]): boolean {
    return items.some((each) => each.linkId === linkId || this.#isDefined(linkId, each.item ?? []))
  }

  #definition(
    definition: QuestionnaireItem,
    own: readonly { readonly each: Value; readonly at: string }[],
    place: string,
    siblings: readonly Answered[],
  ): void {
    const { linkId, type, text } = definition
    const enabled = isEnabled(definition, this.#response, siblings)
    const answered = own.filter(({ each }) => answeredItem(each))
    if (enabled === false) {
      for (const { at } of answered)
        this.#report(at, 'questionnaire-enabled', `The item ${linkId} has an answer, and is not enabled`)
      return
    }
    if (own.length > 1 && (type !== 'group' || definition.repeats !== true))
      this.#report(own[1]?.at ?? place, 'questionnaire-repeats', `The item ${linkId} occurs once`)
    if (definition.required === true && answered.length === 0 && this.#isAsked(definition)) {
      const message = `The required item ${linkId}${text === undefined ? '' : ` ("${text.slice(0, 60)}")`} has no answer`
      this.#report(own[0]?.at ?? place, 'questionnaire-required', message, this.#whole ? 'error' : 'warning')
    }
    for (const { each, at } of own) this.#item(definition, each, at, siblings)
    this.#occurs(definition, own, place)
  }

  /** A calculated or hidden item is filled by software: a person cannot be told to answer it. */
  #isAsked(definition: QuestionnaireItem): boolean {
    return (
      extensionOf(definition, calculatedUrl) === undefined && extensionOf(definition, hiddenUrl)?.valueBoolean !== true
    )
  }

  #occurs(
    definition: QuestionnaireItem,
    own: readonly { readonly each: Value; readonly at: string }[],
    place: string,
  ): void {
    const count =
      definition.type === 'group' ? own.length : own.reduce((sum, { each }) => sum + listOf(each['answer']).length, 0)
    const least = extensionOf(definition, minOccursUrl)?.valueInteger
    const most = extensionOf(definition, maxOccursUrl)?.valueInteger
    const at = own[0]?.at ?? place
    if (least !== undefined && count < least && (own.length > 0 || definition.required === true))
      this.#report(
        at,
        'questionnaire-occurs',
        `At least ${least} answers are asked for, and there are ${count}`,
        this.#whole ? 'error' : 'warning',
      )
    if (most !== undefined && count > most)
      this.#report(at, 'questionnaire-occurs', `At most ${most} answers may be given, and there are ${count}`)
  }

  #item(definition: QuestionnaireItem, item: Value, at: string, above: readonly Answered[]): void {
    const { type, linkId } = definition
    const answers = listOf(item['answer'])
    if (typeof item['text'] === 'string' && definition.text !== undefined && item['text'] !== definition.text)
      this.#report(
        at,
        'questionnaire-text',
        `The text of the item ${linkId} is not that of the Questionnaire`,
        'information',
      )
    if (type === 'group' || type === 'display') {
      if (answers.length > 0)
        this.#report(at, 'questionnaire-answer', `The item ${linkId} is a ${type} and has no answer`)
      if (type === 'display' && listOf(item['item']).length > 0)
        this.#report(at, 'questionnaire-answer', `The item ${linkId} is for display and has no items`)
      return this.items(definition.item ?? [], item, at, above)
    }
    if (listOf(item['item']).length > 0)
      this.#report(at, 'questionnaire-nesting', `Items under the question ${linkId} belong in its answer`)
    if (answers.length > 1 && definition.repeats !== true)
      this.#report(at, 'questionnaire-repeats', `The question ${linkId} takes one answer`)
    answers.forEach((answer, index) => {
      const place = `${at}.answer[${index}]`
      for (const { rule, message, severity } of answerIssues(definition, answer, this.#questionnaire, this.#validator))
        this.#report(place, rule, message, severity)
      this.items(definition.item ?? [], answer, place, above)
    })
  }

  #report(expression: string, rule: string, message: string, severity: Issue['severity'] = 'error'): void {
    this.issues.push(issue(expression, rule, message, severity))
  }
}
