import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isObject } from '../../src/base/json.ts'
import { packageRoot } from '../../src/base/root.ts'
import { compileFully } from '../../src/kernel/fhir/fhirpath/library.ts'

const folder = join(packageRoot, '..', 'shared', 'conformance', 'fhirpath')
const skip = existsSync(folder) ? false : 'the FHIRPath suite is not here (../shared)'

interface SuiteTest {
  readonly name: string
  readonly inputfile?: string
  readonly predicate?: boolean | string | null
  readonly ordered?: boolean | string
  readonly invalid?: unknown
  readonly expression: string
  readonly outputs?: readonly { readonly type?: string; readonly value?: unknown }[]
}

const inputs = new Map<string, unknown>()
function inputOf(name: string): unknown {
  const file = join(folder, 'input', `${name.replace(/\.(?:xml|json)$/, '')}.json`)
  if (!inputs.has(file)) inputs.set(file, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})
  return inputs.get(file)
}

/** A value as text to compare: dates without @, numbers by value, quantities by value and unit. */
function textOf(value: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(value ?? null))
  if (isObject(plain)) {
    const named = plain['unit'] ?? plain['code']
    const unit = typeof named === 'string' ? named : ''
    return 'value' in plain ? `${String(Number(plain['value']))} ${unit.replace(/'/g, '')}` : JSON.stringify(plain)
  }
  const text = String(plain).replace(/^@/, '')
  return text !== '' && Number.isFinite(Number(text)) ? String(Number(text)) : text.replace(/'/g, '')
}

function passes(each: SuiteTest): boolean {
  const input = structuredClone(inputOf(each.inputfile ?? 'patient-example'))
  try {
    const found = compileFully(each.expression)(input, { resource: input, rootResource: input })
    if (typeof each.invalid === 'string' && each.invalid !== '' && each.invalid !== 'false') return false
    const outputs = (each.outputs ?? []).map(({ value }) => textOf(value))
    const values = found.map((one) => textOf(isObject(one) && 'data' in one ? one['data'] : one))
    if (String(each.predicate) === 'true')
      return String(values.length > 0 && values[0] !== 'false') === (outputs[0] ?? 'false')
    const sort = each.ordered === false || each.ordered === 'false'
    return JSON.stringify(sort ? values.sort() : values) === JSON.stringify(sort ? outputs.sort() : outputs)
  } catch {
    return typeof each.invalid === 'string' && each.invalid !== '' && each.invalid !== 'false'
  }
}

test('the official FHIRPath R4 suite passes by value', { skip }, (t) => {
  const tests = JSON.parse(readFileSync(join(folder, 'tests-fhir-r4.json'), 'utf8')) as readonly SuiteTest[]
  const failed = tests.filter((each) => !passes(each))
  const rate = 1 - failed.length / tests.length
  t.diagnostic(
    `passed ${tests.length - failed.length} of ${tests.length}; failed: ${failed
      .map((each) => each.name)
      .join(', ')
      .slice(0, 4000)}`,
  )
  assert.ok(rate >= 0.94, String(rate))
})
