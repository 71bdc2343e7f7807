import type { FhirResource, Quantity } from 'fhir/r4.js'

/** A resource together with the digits its numbers were written with: `70.50` is not `70.5`. */
export interface Written {
  readonly resource: FhirResource
  /** The number at a key of one of the resource's own objects, as sent. */
  readonly digits: (holder: object, key: string) => string | undefined
}

/** A number whose digits a parsed value forgets: closing zeros, exponents, more digits than a double holds. */
const forgetful = /[:[,]-?(?:\d+\.\d*0|\d+(?:\.\d+)?[eE][+-]?\d+|\d+\.?\d{15,}|-?0\.0{6}\d*)(?=[,\]}])/

/** Keeps the text of an entry's numbers where parsing lost it (ECMAScript JSON.parse source text access). */
export function readWritten(json: string, parsed: FhirResource): Written {
  if (!forgetful.test(json)) return { resource: parsed, digits: numberAt }
  return readDigits(json)
}

function numberAt(holder: object, key: string): string | undefined {
  const value: unknown = Object.entries(holder).find(([name]) => name === key)?.[1]
  return typeof value === 'number' ? String(value) : undefined
}

function readDigits(json: string): Written {
  const texts = new WeakMap<object, Map<string, string>>()
  const resource = JSON.parse(json, function (this: object, key: string, value: unknown, ...rest: readonly unknown[]) {
    if (typeof value === 'number') {
      const known = texts.get(this) ?? new Map<string, string>()
      texts.set(this, known.set(key, sourceOf(rest[0]) ?? String(value)))
    }
    return value
  }) as FhirResource
  return { resource, digits: (holder, key) => texts.get(holder)?.get(key) }
}

const sourceOf = (context: unknown): string | undefined =>
  typeof context === 'object' && context !== null && 'source' in context && typeof context.source === 'string'
    ? context.source
    : undefined

/** A quantity as sent: "<5.9 mmol/L"; the unit's own words before its code. */
export function quantityText(quantity: Quantity | undefined, { digits }: Written): string {
  if (quantity === undefined) return ''
  const number = digits(quantity, 'value') ?? (quantity.value === undefined ? '' : String(quantity.value))
  const unit = quantity.unit ?? quantity.code ?? ''
  return `${quantity.comparator ?? ''}${number}${unit === '%' || unit === '' || number === '' ? unit : ` ${unit}`}`
}
