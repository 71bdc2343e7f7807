import type { QuestionnaireItem, QuestionnaireItemEnableWhen } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import { matchesPattern } from '../profiles/pattern.ts'
import { valueOrder } from '../profiles/value-limits.ts'

type Value = Readonly<Record<string, unknown>>

/** The items at one level of a response. */
export interface Answered {
  readonly items: readonly Value[]
}

const listOf = (value: unknown): readonly Value[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** Whether an item of a response, or anything below it, has an answer. */
export const answeredItem = (item: Value): boolean =>
  listOf(item['answer']).length > 0 || listOf(item['item']).some(answeredItem)

/** Whether a question is to be answered, given the answers around it; undefined when it cannot be told. */
export function isEnabled(
  definition: QuestionnaireItem,
  response: Value,
  levels: readonly Answered[],
): boolean | undefined {
  const conditions = definition.enableWhen ?? []
  if (conditions.length === 0) return true
  const answers = conditions.map((each) => holds(each, answersTo(each.question, response, levels)))
  return definition.enableBehavior === 'any' ? answers.includes(true) : answers.every(Boolean)
}

/** Answers to a question: those nearest, then any in the response. */
function answersTo(linkId: string, response: Value, levels: readonly Answered[]): readonly unknown[] {
  for (const { items } of [...levels].reverse()) {
    const found = items.filter((each) => each['linkId'] === linkId)
    if (found.length > 0) return found.flatMap(valuesOf)
  }
  return everyItem(response)
    .filter((each) => each['linkId'] === linkId)
    .flatMap(valuesOf)
}

function everyItem(holder: Value): readonly Value[] {
  const below = [...listOf(holder['item']), ...listOf(holder['answer']).flatMap((each) => listOf(each['item']))]
  return below.flatMap((each) => [each, ...everyItem(each)])
}

const valuesOf = (item: Value): readonly unknown[] =>
  listOf(item['answer']).flatMap((each) =>
    Object.entries(each).flatMap(([key, value]) => (key.startsWith('value') ? [value] : [])),
  )

function holds(condition: QuestionnaireItemEnableWhen, answers: readonly unknown[]): boolean {
  const wanted: unknown = Object.entries(condition).find(([key]) => key.startsWith('answer'))?.[1]
  if (condition.operator === 'exists') return answers.length > 0 === (wanted === true)
  const same = (answer: unknown): boolean =>
    isObject(wanted) ? matchesPattern(answer, withoutDisplay(wanted)) : answer === wanted
  if (condition.operator === '=') return answers.some(same)
  // R4 enableWhen: "!=" needs an answer that differs.
  if (condition.operator === '!=') return answers.some((each) => !same(each))
  return answers.some((each) => {
    const order = valueOrder(each, wanted)
    if (order === undefined) return false
    const orders: Readonly<Record<string, boolean>> = {
      '>': order > 0,
      '<': order < 0,
      '>=': order >= 0,
      '<=': order <= 0,
    }
    return orders[condition.operator] === true
  })
}

function withoutDisplay(coding: Value): Value {
  return Object.fromEntries(Object.entries(coding).filter(([key]) => key !== 'display'))
}
