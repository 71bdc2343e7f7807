import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { isObject } from '../../../base/json.ts'
import { packageRoot } from '../../../base/root.ts'
import { definitions } from '../definitions.ts'
import { coreProfile, coreProfileUrls } from '../packages/core-profiles.ts'
import { visitItems } from '../profiles/visit.ts'
import { Leave } from './fast.ts'
import { compileFully } from './library.ts'
import { fastOf } from './rule.ts'

const shared = join(packageRoot, '..', 'shared')
const skip = existsSync(shared) ? false : 'published examples are not here (../shared): nothing compared'

interface BothWays {
  readonly key: string
  readonly expression: string
  readonly type: string
}

/** Every rule of R4 that has a fast form. */
function fastRules(): readonly BothWays[] {
  return Object.entries(definitions().types).flatMap(([type, { constraints, elements }]) => {
    const own = (constraints ?? []).map(({ key, expression }) => ({ key, expression, type }))
    const below = (elements ?? []).flatMap((element) =>
      element.types.length === 1 && !element.types[0]?.includes('(')
        ? (element.constraints ?? []).map(({ key, expression }) => ({ key, expression, type: element.types[0] ?? '' }))
        : [],
    )
    return [...own, ...below].filter(({ expression, type: of }) => fastOf(expression, of) !== undefined)
  })
}

function samples(folder: string, most: number): readonly unknown[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
  return files.slice(0, most).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown)
}

/** Values of each type in published examples. */
function valuesByType(): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>()
  for (const each of [...samples(join(shared, 'nhs/uk-core/examples'), 200), ...samples(join(shared, 'synthea'), 3)]) {
    if (!isObject(each) || typeof each['resourceType'] !== 'string') continue
    visitItems({ value: each, type: each['resourceType'], place: { step: '' } }, ({ value, type }) => {
      const list = found.get(type) ?? []
      found.set(type, list)
      if (list.length < 25 && isObject(value)) list.push(value)
    })
  }
  return found
}

/** A value with one member taken away or replaced: rules are broken that examples keep. */
const mutated = (value: Record<string, unknown>, at: number, replacement: unknown): Record<string, unknown> => {
  const keys = Object.keys(value).filter((key) => key !== 'resourceType' && !key.startsWith('_'))
  const key = keys[at % Math.max(1, keys.length)]
  if (key === undefined) return value
  const { [key]: _, ...rest } = value
  return replacement === undefined ? rest : { ...rest, [key]: replacement }
}

test('every fast rule answers as the full engine does, on examples and on examples with a defect', { skip }, () => {
  const values = valuesByType()
  const rules = fastRules()
  assert.ok(rules.length > 120, `only ${rules.length} rules have a fast form`)
  let compared = 0
  const compare = (rule: BothWays, value: Record<string, unknown>): void => {
    const environment = { resource: value, rootResource: value }
    let quick: readonly unknown[]
    try {
      quick = fastOf(rule.expression, rule.type)?.(value, environment) ?? []
    } catch (error) {
      if (error instanceof Leave) return
      throw error
    }
    let full: readonly unknown[]
    try {
      full = compileFully(rule.expression, rule.type)(value, environment)
    } catch {
      return
    }
    compared += 1
    assert.deepEqual(quick.map(Boolean), full.map(Boolean), `${rule.key} on ${JSON.stringify(value).slice(0, 400)}`)
  }
  const cases = rules.flatMap((rule) =>
    (values.get(rule.type) ?? []).slice(0, 8).flatMap((value) => (isObject(value) ? [{ rule, value }] : [])),
  )
  for (const { rule, value } of cases) compare(rule, value)
  const replacement = fc.constantFrom<unknown>(undefined, 'text', 'final', 3, true, '2026-04-03')
  fc.assert(
    fc.property(fc.nat(cases.length - 1), fc.nat(30), replacement, (which, at, other) => {
      const found = cases[which]
      assert.ok(found !== undefined)
      const { rule, value } = found
      const key = Object.keys(value)[at % Math.max(1, Object.keys(value).length)] ?? ''
      // A text in place of an object is refused by structure before rules are asked.
      const fits = other === undefined || (typeof value[key] === typeof other && typeof other !== 'object')
      compare(rule, mutated(value, at, fits ? other : undefined))
    }),
    { numRuns: process.env['LINCHPIN_LONG'] === '1' ? 5000 : 300 },
  )
  assert.ok(compared > 300, `only ${compared} comparisons`)
})

test('every rule of R4 and its profiles can be read and asked', () => {
  const broken: string[] = []
  const asked = new Set<string>()
  for (const url of coreProfileUrls())
    for (const { constraint = [], path } of coreProfile(url)?.snapshot?.element ?? [])
      for (const { key, expression } of constraint) {
        if (expression === undefined || asked.has(expression)) continue
        asked.add(expression)
        try {
          compileFully(expression)({ resourceType: path.split('.')[0] }, { resource: {}, rootResource: {} })
        } catch (error) {
          broken.push(`${key}: ${expression}: ${String(error).slice(0, 120)}`)
        }
      }
  assert.deepEqual(broken, [])
  assert.ok(asked.size > 150, String(asked.size))
})
