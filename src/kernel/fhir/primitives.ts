/** How a FHIR primitive looks in JSON and which values of it are allowed. */
export interface Primitive {
  readonly accepts: (value: unknown) => boolean
  /** Completes "This must be …". */
  readonly expected: string
  /** Longest allowed text; a longer one is its own kind of issue. */
  readonly maxLength?: number
}

/** R4 datatypes, string: "Strings SHALL NOT exceed 1MB (1024*1024 characters)". */
const megabyte = 1024 * 1024

// R4 datatypes, string: no characters below 32 other than tab, carriage return and line feed.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/
const notOnlySpace = /\S/
const space = /\s/
const codeShape = /^[^\s]+(?:\s[^\s]+)*$/
const idShape = /^[A-Za-z0-9\-.]{1,64}$/
const oidShape = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/
const uuidShape = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const timeShape = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?$/
const zoneShape = /^(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))$/
const divShape = /^\s*<div[\s>/]/

// A lone surrogate cannot be written as UTF-8, so it would not come back as it was sent.
const isText = (value: unknown): value is string =>
  typeof value === 'string' && notOnlySpace.test(value) && !control.test(value) && value.isWellFormed()

const isUri = (value: unknown): boolean => isText(value) && !space.test(value)

const matches =
  (shape: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && shape.test(value)

const isIntegerBetween =
  (low: number, high: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && typeof value === 'number' && value >= low && value <= high

/** Two digits of a text as a number, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const units = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN
}

const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether a text starts with a real day, and has nothing after it up to `end`; `YYYY` and `YYYY-MM` count as well. */
function isDateUpTo(text: string, end: number): boolean {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  if (!(year >= 1)) return false
  if (end === 4) return true
  const month = twoDigits(text, 5)
  if (text[4] !== '-' || !(month >= 1 && month <= 12)) return false
  if (end === 7) return true
  const day = twoDigits(text, 8)
  if (end !== 10 || text[7] !== '-' || !(day >= 1 && day <= (monthLengths[month - 1] ?? 0))) return false
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))
}

const isDate = (value: unknown): boolean => typeof value === 'string' && isDateUpTo(value, value.length)

function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || value[10] !== 'T' || !isDateUpTo(value, 10)) return false
  const zone = value.endsWith('Z') ? value.length - 1 : value.length - 6
  return zone > 18 && timeShape.test(value.slice(11, zone)) && zoneShape.test(value.slice(zone))
}

const isDateTime = (value: unknown): boolean => isDate(value) || isInstant(value)

/** R4 allows white space anywhere in base64. Written as a loop: R4's own regular expression takes exponential time. */
function isBase64(value: unknown): boolean {
  if (typeof value !== 'string') return false
  let digits = 0
  let padding = 0
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code === 0x3d) padding++
    else if (isBase64Digit(code)) {
      if (padding > 0) return false
      digits++
    } else if (!isSpace(code)) return false
  }
  return digits > 0 && padding <= 2 && (digits + padding) % 4 === 0
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d)

const isBase64Digit = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2f

const uri: Primitive = { accepts: isUri, expected: 'a URI without white space', maxLength: megabyte }

/** The R4 primitive types (R4 datatypes, "Primitive Types"; formats as their regular expressions there). */
export const primitives: Readonly<Record<string, Primitive>> = {
  base64Binary: { accepts: isBase64, expected: 'base64 text' },
  boolean: { accepts: (value) => typeof value === 'boolean', expected: 'true or false' },
  canonical: uri,
  code: {
    accepts: (value) => isText(value) && codeShape.test(value),
    expected: 'a code: text without white space at either end or doubled inside',
    maxLength: megabyte,
  },
  date: { accepts: isDate, expected: 'a real date: YYYY, YYYY-MM or YYYY-MM-DD' },
  dateTime: {
    accepts: isDateTime,
    expected: 'a real date, or a date and time with seconds and a zone such as 2026-04-03T14:30:00+01:00',
  },
  decimal: { accepts: Number.isFinite, expected: 'a number' },
  id: { accepts: matches(idShape), expected: '1 to 64 letters, digits, hyphens and full stops' },
  instant: { accepts: isInstant, expected: 'a real date and time with seconds and a zone' },
  integer: { accepts: isIntegerBetween(-2147483648, 2147483647), expected: 'a whole number of at most 32 bits' },
  markdown: { accepts: isText, expected: 'text with at least one visible character and no control characters' },
  oid: { accepts: matches(oidShape), expected: 'an OID such as urn:oid:1.2.3' },
  positiveInt: { accepts: isIntegerBetween(1, 2147483647), expected: 'a whole number from 1' },
  string: {
    accepts: isText,
    expected: 'text with at least one visible character and no control characters',
    maxLength: megabyte,
  },
  time: { accepts: matches(timeShape), expected: 'a time such as 14:30:00' },
  unsignedInt: { accepts: isIntegerBetween(0, 2147483647), expected: 'a whole number from 0' },
  uri,
  url: uri,
  uuid: { accepts: matches(uuidShape), expected: 'a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520' },
  xhtml: {
    accepts: (value) => isText(value) && divShape.test(value),
    expected: 'XHTML in a div element',
  },
}
