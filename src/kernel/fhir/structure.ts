import { isObject } from '../../base/json.ts'
import type { Issue } from '../../base/problem.ts'
import type { Codes } from './codes/membership.ts'
import { englandFindings } from './england/rules.ts'
import type { Environment } from './fhirpath/environment.ts'
import type { Rule } from './fhirpath/rule.ts'
import { typeNumber } from './resource-types.ts'
import { type Property, type Table, tableOf } from './structure-table.ts'
import { valueFindings } from './structure-values.ts'

/** What a structure check found. */
export interface StructureResult {
  /** Empty when the resource is well formed. */
  readonly issues: readonly Issue[]
  /** Number of object members seen, all levels together: fewer than in the text means the text repeats a name. */
  readonly keys: number
}

/** Objects nested deeper than this are refused: no real resource comes near, and recursion must end. */
const maxDepth = 64
/** A file of the wrong kind would otherwise produce an issue for each of its lines. */
const maxIssues = 100

/** How much is asked beyond what makes a resource wrong. */
export interface StructureOptions {
  /** Also says what is doubtful or could not be checked: warnings, soft bindings, displays. */
  readonly thorough?: boolean
  /** The codes that are known; those of R4 unless given. */
  readonly codes?: Codes
  /** The resource behind a reference, for rules that ask. */
  readonly resolve?: (reference: string) => unknown
}

/**
 * Checks that a parsed JSON value is a good R4 resource: known type and elements, JSON types, cardinalities, formats
 * of primitives, narrative, the rules of its types, required bindings, what references lead to. Says nothing of profiles.
 * Never throws, whatever the value.
 */
export function checkStructure(resource: unknown, options: StructureOptions = {}): StructureResult {
  const walk = new Walk(options)
  walk.resource(resource)
  return { issues: walk.issues, keys: walk.keys }
}

/** One pass over one resource. A class because the pass has a place it has reached. */
class Walk {
  keys = 0
  readonly issues: Issue[] = []
  readonly #path: (string | number)[] = []
  readonly #options: StructureOptions
  #depth = 0
  #contained = false
  #environment: Environment = { resource: undefined, rootResource: undefined }

  constructor(options: StructureOptions) {
    this.#options = options
  }

  resource(value: unknown): void {
    if (!isObject(value)) return this.#report('structure', 'This must be a resource: a JSON object')
    const type = value['resourceType']
    if (typeof type !== 'string') return this.#report('structure', 'A resource must have a resourceType')
    if (typeNumber(type) === undefined) return this.#report('structure', 'This resourceType is not one of FHIR R4')
    const outer = this.#environment
    const { resolve } = this.#options
    const rootResource = this.#contained ? outer.rootResource : value
    this.#environment = { resource: value, rootResource, ...(resolve === undefined ? {} : { resolve }) }
    const isRoot = this.#path.length === 0
    if (isRoot) this.#path.push(type)
    this.#object(tableOf(type), value, true)
    for (const { severity, code, message, rule } of englandFindings(type, value, this.#options.thorough === true))
      this.#report(code, message, rule, severity)
    if (isRoot) this.#path.pop()
    this.#environment = outer
  }

  #object(table: Table, value: Readonly<Record<string, unknown>>, isResource: boolean): void {
    if (this.#depth >= maxDepth) return this.#report('too-costly', `This is nested more than ${maxDepth} levels deep`)
    if (this.issues.length >= maxIssues) return
    this.#depth += 1
    let seen = 0
    let count = 0
    // A JSON object has no inherited members, and this loop makes no list of names.
    for (const key in value) {
      count += 1
      const property = table.properties.get(key)
      if (property === undefined) {
        if (!(isResource && key === 'resourceType')) this.#unknown(key, table)
        continue
      }
      if (property.bit !== 0) {
        if (property.choice && (seen & property.bit) !== 0) this.#choice(table, property, value)
        seen |= property.bit
      }
      this.#property(property, key, value)
    }
    this.keys += count
    if (count === 0) this.#report('structure', 'An object must have at least one member')
    if ((seen & table.required) !== table.required) this.#required(table, seen)
    if (table.type === 'Extension') this.#extension(table, value, seen)
    if (table.rules.length > 0) this.#rules(table.rules, value)
    this.#depth -= 1
  }

  #property(property: Property, key: string, parent: Readonly<Record<string, unknown>>): void {
    const value = parent[key]
    const { primitive } = property
    if (primitive !== undefined && !property.many) {
      if (!primitive.accepts(value) || tooLong(primitive.maxLength, value)) this.#primitive(property, value)
      else if (property.checked) this.#valueAt(property, value)
      return
    }
    this.#path.push(property.step)
    if (property.many) this.#list(property, value, parent)
    else this.#one(property, value)
    this.#path.pop()
  }

  #list(property: Property, value: unknown, parent: Readonly<Record<string, unknown>>): void {
    if (!Array.isArray(value)) return this.#report('structure', 'This must be an array: the element may repeat')
    if (value.length === 0) return this.#report('structure', 'An array must not be empty')
    const other = property.counterpart === undefined ? undefined : parent[property.counterpart]
    const values: readonly unknown[] = value
    for (let index = 0; index < values.length; index++) {
      const each = values[index]
      if (each === null && Array.isArray(other) && other[index] !== null && other[index] !== undefined) continue
      // Extensions may come for some of the values only.
      if (each === null && property.kind === 'extras' && Array.isArray(other) && index < other.length) continue
      this.#path.push(index)
      this.#one(property, each)
      this.#path.pop()
    }
  }

  #one(property: Property, value: unknown): void {
    const { primitive } = property
    if (primitive !== undefined) {
      if (!primitive.accepts(value) || tooLong(primitive.maxLength, value)) this.#badPrimitive(property, value)
      else if (property.checked) this.#value(property, value)
    } else if (Array.isArray(value)) {
      this.#report('structure', 'This must not be an array: the element may not repeat')
    } else if (!isObject(value)) {
      this.#report('structure', 'This must be a JSON object')
    } else if (property.kind === 'resource') {
      this.#nested(property, value)
    } else {
      property.table ??= tableOf(property.type ?? '')
      this.#object(property.table, value, false)
      if (property.checked) this.#value(property, value)
    }
  }

  #valueAt(property: Property, value: unknown): void {
    this.#path.push(property.step)
    this.#value(property, value)
    this.#path.pop()
  }

  /** What is asked of a value beyond its own shape: codes, targets, rules, narrative. */
  #value(property: Property, value: unknown): void {
    if (property.rules !== undefined) this.#rules(property.rules, value)
    for (const found of valueFindings(property, value, this.#environment, this.#options)) {
      const { severity, code, rule, message, at } = found
      if (at === undefined) this.#report(code, message, rule, severity)
      else this.#at(at, code, message, rule, severity)
    }
  }

  #rules(rules: readonly Rule[], value: unknown): void {
    for (const rule of rules) {
      const thorough = this.#options.thorough === true
      if (rule.severity !== 'error' && !thorough) continue
      // A contained resource has no narrative of its own (R4 DomainResource.text).
      if (rule.key === 'dom-6' && this.#contained) continue
      if (rule.holds(value, this.#environment) === false) this.#report('invariant', rule.human, rule.key, rule.severity)
    }
  }

  #nested(property: Property, value: Readonly<Record<string, unknown>>): void {
    const outer = this.#contained
    if (property.step === 'contained') {
      if (outer) return this.#report('structure', 'A contained resource must not contain another')
      this.#contained = true
    }
    this.resource(value)
    this.#contained = outer
  }

  #primitive(property: Property, value: unknown): void {
    this.#path.push(property.step)
    this.#badPrimitive(property, value)
    this.#path.pop()
  }

  #badPrimitive({ primitive }: Property, value: unknown): void {
    if (value === null) this.#report('structure', 'This must not be null: leave it out instead')
    else if (Array.isArray(value)) this.#report('structure', 'This must not be an array: the element may not repeat')
    else if (tooLong(primitive?.maxLength, value)) this.#report('too-long', 'This text is longer than 1 MB')
    else this.#report('value', `This must be ${primitive?.expected ?? 'a value'}`)
  }

  #unknown(key: string, table: Table): void {
    this.#path.push(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(key) ? key : '?')
    this.#report('structure', `R4 has no such element in ${table.type}`)
    this.#path.pop()
  }

  /** A second member with a choice's bit: fine only when both are halves of one primitive. */
  #choice(table: Table, property: Property, value: Readonly<Record<string, unknown>>): void {
    const present = Object.keys(value).filter((key) => table.properties.get(key)?.bit === property.bit)
    if (present.length === 2 && table.properties.get(present[0] ?? '')?.counterpart === present[1]) return
    this.#at(table.nameByBit.get(property.bit), 'structure', 'Only one type of this element may be present')
  }

  #required(table: Table, seen: number): void {
    for (const [bit, name] of table.nameByBit)
      if ((table.required & bit) !== 0 && (seen & bit) === 0)
        this.#at(name, 'required', `${table.type} must have this element`)
  }

  /** R4 extensibility, ext-1: "Must have either extensions or value[x], not both". */
  #extension(table: Table, value: Readonly<Record<string, unknown>>, seen: number): void {
    const hasValue = (seen & ~table.required) !== 0
    if (hasValue === 'extension' in value) {
      const message = 'An extension must have either a value or extensions'
      this.#report(hasValue ? 'structure' : 'required', `${message}${hasValue ? ', not both' : ''}`)
    }
  }

  #at(step: string | undefined, code: string, message: string, rule?: string, severity?: Issue['severity']): void {
    this.#path.push(step ?? '?')
    this.#report(code, message, rule, severity)
    this.#path.pop()
  }

  #report(code: string, message: string, rule = `structure-${code}`, severity: Issue['severity'] = 'error'): void {
    if (this.issues.length >= maxIssues) return
    const expression = this.#path.reduce<string>(
      (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
      '',
    )
    this.issues.push({ severity, code, message, rule, ...(expression === '' ? {} : { expression }) })
  }
}

const tooLong = (maxLength: number | undefined, value: unknown): boolean =>
  maxLength !== undefined && typeof value === 'string' && value.length > maxLength
