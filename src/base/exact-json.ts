import { isObject } from './json.ts'
import { problem } from './problem.ts'

/** A number of a JSON text with the digits it was written in: 70.50 stays 70.50. */
export interface ExactNumber {
  readonly rawJSON: string
}

// ECMAScript JSON.rawJSON and JSON.isRawJSON, which TypeScript's library does not describe yet.
const rawJson = (source: string): ExactNumber => Reflect.get(JSON, 'rawJSON')(source)

/** Whether a value is a number as `parseExact` reads it. */
export const isExactNumber = (value: unknown): value is ExactNumber =>
  isObject(value) && Reflect.get(JSON, 'isRawJSON')(value) === true

/** Parses JSON whose numbers keep their digits, so that writing it again changes none. */
export function parseExact(text: string, what: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? rawJson(context?.source ?? String(value)) : value,
    )
  } catch (cause) {
    // A RangeError tells of nesting that no stack holds.
    throw problem('invalid', `${what} is not JSON, or is nested too deep`, { cause })
  }
}
