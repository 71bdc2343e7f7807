import { type Problem, problem } from './problem.ts'

/** Where a value lies in a JSON text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A member of an object in a JSON text: its name, where the name starts, and where the value lies. */
export interface Member extends Span {
  readonly key: string
  readonly keyStart: number
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
const broken = (): Problem => problem('invalid', 'This is not JSON: it ends too early')

/** The place after the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
  let at = text.indexOf('"', start + 1)
  while (at !== -1) {
    let before = at - 1
    while (text.charCodeAt(before) === backslash) before -= 1
    if ((at - before) % 2 === 1) return at + 1
    at = text.indexOf('"', at + 1)
  }
  throw broken()
}

function spaceEnd(text: string, start: number): number {
  let at = start
  while (isSpace(text.charCodeAt(at))) at += 1
  return at
}

/** The place after the value that starts at `start`. Trusts the inside: whoever uses the value parses it. */
function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === quote) return stringEnd(text, start)
  let at = start
  if (first !== openBrace && first !== openBracket) {
    while (at < text.length) {
      const code = text.charCodeAt(at)
      if (code === comma || code === closeBrace || code === closeBracket || isSpace(code)) break
      at += 1
    }
    return at
  }
  let depth = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = stringEnd(text, at)
      continue
    }
    at += 1
    if (code === openBrace || code === openBracket) depth += 1
    else if (code === closeBrace || code === closeBracket) {
      depth -= 1
      if (depth === 0) return at
    }
  }
  throw broken()
}

/**
 * The members of the object that starts at `start`, in their order; a name that occurs twice comes twice. Looks no
 * further than the last of the `wanted` names, when they are given and all there.
 */
export function members(
  text: string,
  start: number = spaceEnd(text, 0),
  wanted?: readonly string[],
): readonly Member[] {
  let missing = wanted?.length
  const found: Member[] = []
  if (text.charCodeAt(start) !== openBrace) return found
  let at = spaceEnd(text, start + 1)
  while (text.charCodeAt(at) === quote) {
    const keyStart = at
    at = stringEnd(text, at)
    const key = text.slice(keyStart + 1, at - 1)
    at = spaceEnd(text, at)
    if (text.charCodeAt(at) !== colon) break
    const valueStart = spaceEnd(text, at + 1)
    const end = valueEnd(text, valueStart)
    found.push({ key, keyStart, start: valueStart, end })
    if (missing !== undefined && wanted?.includes(key) === true && --missing === 0) return found
    at = spaceEnd(text, end)
    if (text.charCodeAt(at) !== comma) break
    at = spaceEnd(text, at + 1)
  }
  return found
}

/** The elements of the array that starts at `start`. */
export function elements(text: string, start: number): readonly Span[] {
  const found: Span[] = []
  if (text.charCodeAt(start) !== openBracket) return found
  let at = spaceEnd(text, start + 1)
  while (at < text.length && text.charCodeAt(at) !== closeBracket) {
    const end = valueEnd(text, at)
    if (end === at) break
    found.push({ start: at, end })
    at = spaceEnd(text, end)
    if (text.charCodeAt(at) !== comma) break
    at = spaceEnd(text, at + 1)
  }
  return found
}

/**
 * The same JSON without white space between values, and the number of object members in it. A parser that keeps the
 * last of two equal names reports fewer: that is how duplicate names are noticed.
 */
export function compactJson(text: string): { readonly text: string; readonly keys: number } {
  let keys = 0
  let at = 0
  let copied = 0
  let result = ''
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = stringEnd(text, at)
    } else if (isSpace(code)) {
      result += text.slice(copied, at)
      at = spaceEnd(text, at)
      copied = at
    } else {
      if (code === colon) keys += 1
      at += 1
    }
  }
  return { text: copied === 0 ? text : result + text.slice(copied), keys }
}

/** Parses JSON or says where it breaks. `what` names the input in the message. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const place = cause instanceof Error ? cause.message.replace(/^.*?(at position|in JSON)/, '$1').slice(0, 120) : ''
    throw problem('invalid', `${what} is not JSON (${place || 'it cannot be read'})`, { cause })
  }
}

/** Whether a parsed value is an object with named members. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
