import type { FormError } from '../ui/form.tsx'
import { plainDate } from '../ui/format/dates.ts'

/** Reads one named control of a form: a value, or what to put right said as an instruction. */
export type Field<T> = (form: URLSearchParams, name: string) => Decoded<T>

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }

type Values<Fields> = { readonly [Name in keyof Fields]: Fields[Name] extends Field<infer T> ? T : never }

/** A decoded form: all its values, or every error in the order of the fields. */
export type FormResult<Fields> =
  | { readonly ok: true; readonly values: Values<Fields> }
  | { readonly ok: false; readonly errors: readonly FormError[] }

/** Decodes a form by its list of fields, once; after it nobody checks again. */
export function decodeForm<Fields extends Readonly<Record<string, Field<unknown>>>>(
  fields: Fields,
  form: URLSearchParams,
): FormResult<Fields> {
  const values: Record<string, unknown> = {}
  const errors: FormError[] = []
  for (const [name, field] of Object.entries(fields)) {
    const decoded = field(form, name)
    if (decoded.ok) values[name] = decoded.value
    else errors.push({ field: name, message: decoded.message })
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, values: values as Values<Fields> }
}

const trimmed = (form: URLSearchParams, name: string): string => (form.get(name) ?? '').trim()

/** Free text that must be there. */
export const requiredText =
  (message: string, most = 4000): Field<string> =>
  (form, name) => {
    const value = trimmed(form, name)
    if (value === '') return { ok: false, message }
    return value.length <= most ? { ok: true, value } : { ok: false, message: `Use ${most} characters or fewer` }
  }

/** Free text that may be left empty. */
export const optionalText =
  (most = 4000): Field<string> =>
  (form, name) => {
    const value = trimmed(form, name)
    return value.length <= most ? { ok: true, value } : { ok: false, message: `Use ${most} characters or fewer` }
  }

/** One of a closed list. */
export const choice =
  <T extends string>(options: readonly T[], message: string): Field<T> =>
  (form, name) => {
    const value = options.find((option) => option === form.get(name))
    return value === undefined ? { ok: false, message } : { ok: true, value }
  }

/** A number as typed: its digits are kept, so that 70.50 is sent on as 70.50. */
export interface TypedNumber {
  readonly digits: string
  readonly value: number
}

/** A number between two limits that only catch slips of the finger; they are not clinical rules. */
export const numberBetween =
  (least: number, most: number, what: string, example: string): Field<TypedNumber> =>
  (form, name) => {
    const digits = trimmed(form, name)
    if (digits === '') return { ok: false, message: `Enter the ${what}, for example ${example}` }
    if (!/^(?:0|[1-9]\d{0,3})(\.\d{1,3})?$/.test(digits))
      return { ok: false, message: `Enter the ${what} as a number, for example ${example}` }
    const value = Number(digits)
    if (value < least || value > most)
      return { ok: false, message: `Check the ${what}: it must be from ${least} to ${most}` }
    return { ok: true, value: { digits, value } }
  }

/** Three controls `{name}-day`, `-month`, `-year` as `YYYY-MM-DD`. */
export const calendarDate =
  (message: string): Field<string> =>
  (form, name) => {
    const part = (key: string, width: number): string => trimmed(form, `${name}-${key}`).padStart(width, '0')
    const value = `${part('year', 4)}-${part('month', 2)}-${part('day', 2)}`
    return plainDate(value) === undefined ? { ok: false, message } : { ok: true, value }
  }

/** Every answer of a form, to show it again exactly as it was sent. */
export const answersOf = (form: URLSearchParams): Readonly<Record<string, string>> => Object.fromEntries(form.entries())
