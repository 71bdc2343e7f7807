import type { Constant } from './definition.ts'

/** An expression with its constants put in as literals, and the `%names` it uses that nothing defines. */
export interface Substituted {
  readonly text: string
  readonly unknown: readonly string[]
}

// Texts, quoted names and comments are stepped over; what is left of the alternatives is a %name in one of three forms.
const token =
  /'(?:\\[\s\S]|[^'\\])*'|`(?:\\[\s\S]|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|%(?:([A-Za-z_]\w*)|`([^`]+)`|'([^']+)')/g

/** Names that FHIRPath for FHIR and SQL on FHIR define themselves. */
const known = /^(?:rowIndex|resource|rootResource|context|sct|loinc|ucum|vs-.+|ext-.+)$/

/** Puts constants in as literals: a date compares as a date then, whatever the engine makes of variables. */
export function substituteConstants(expression: string, constants: readonly Constant[]): Substituted {
  const literals = new Map(constants.map((each) => [each.name, literalOf(each)]))
  const unknown: string[] = []
  const text = expression.replaceAll(token, (found: string, plain?: string, quoted?: string, text?: string) => {
    const name = plain ?? quoted ?? text
    if (name === undefined) return found
    const literal = literals.get(name)
    if (literal !== undefined) return literal
    if (!known.test(name)) unknown.push(name)
    return found
  })
  return { text, unknown }
}

/** A constant as FHIRPath writes its value. */
function literalOf({ type, value }: Constant): string {
  if (typeof value === 'number') return value < 0 ? `(${value})` : String(value)
  if (typeof value === 'boolean') return String(value)
  if (type === 'date' || type === 'dateTime' || type === 'instant') return `@${value}`
  if (type === 'time') return `@T${value}`
  return `'${value
    .replaceAll(/[\\']/g, (each) => `\\${each}`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)}'`
}
