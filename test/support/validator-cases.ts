import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../../src/base/json.ts'
import type { Issue } from '../../src/base/problem.ts'
import { packageRoot } from '../../src/base/root.ts'
import { Library } from '../../src/kernel/fhir/packages/library.ts'
import { Validator } from '../../src/kernel/fhir/validate/validator.ts'
import { jsonOfXml } from './fhir-xml.ts'

const folder = join(packageRoot, '..', 'shared', 'conformance', 'validator')

/** Why the official cases cannot be run; false when they can. */
export const skipCases: string | false = existsSync(folder) ? false : 'HL7 validator cases are not here (../shared)'

interface Expected {
  readonly valid: boolean
  readonly issues: readonly { readonly severity: string; readonly expression?: string; readonly text: string }[]
}

interface OfficialCase {
  readonly name: string
  readonly module: string
  readonly file: string
  readonly fileAsJson?: string
  readonly supporting: readonly string[]
  readonly profile?: { readonly source: string; readonly supporting: readonly string[] }
  readonly options: Readonly<Record<string, unknown>>
  readonly mayNeedTerminologyServer: boolean
  readonly expected: { readonly base?: Expected; readonly profile?: Expected }
}

/** One check of an official case, with what we said. */
export interface CaseResult {
  readonly name: string
  readonly module: string
  readonly against: 'base' | 'profile'
  readonly needsServer: boolean
  readonly expected: Expected
  readonly issues: readonly Issue[]
  readonly valid: boolean
  /** Whether an error of ours lies where HL7 has one; undefined when nothing was to be found. */
  readonly placed: boolean | undefined
}

/** Runs every official case that has a JSON form. */
export function runCases(): readonly CaseResult[] {
  const cases = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as readonly OfficialCase[]
  return cases.flatMap((each) => runCase(each))
}

function runCase(each: OfficialCase): CaseResult[] {
  const resource = read(each.fileAsJson ?? each.file)
  if (resource === undefined) return []
  const { base, profile } = each.expected
  const supporting = each.supporting.map(read)
  const results: CaseResult[] = []
  const options = {
    securityChecks: each.options['security-checks'] === true,
    ...bundleParameter(each.options['bundle-param']),
  }
  if (base !== undefined) results.push(result(each, 'base', base, check(resource, supporting, undefined, options)))
  if (profile !== undefined && each.profile !== undefined) {
    const definition = read(each.profile.source)
    const all = [...supporting, ...each.profile.supporting.map(read), definition]
    results.push(result(each, 'profile', profile, check(resource, all, definition, options)))
  }
  return results
}

function bundleParameter(value: unknown): object {
  if (!isObject(value)) return {}
  const [type, index] = String(value['rule']).split(':')
  return { bundleProfiles: [{ type, index: Number(index), profile: String(value['profile']) }] }
}

function check(
  resource: unknown,
  supporting: readonly unknown[],
  definition: unknown,
  options: object,
): readonly Issue[] {
  const library = new Library()
  for (const each of supporting) if (isObject(each)) addAll(library, each)
  const url = isObject(definition) ? definition['url'] : undefined
  const profiles = typeof url === 'string' ? { profiles: [url] } : {}
  return new Validator(library).validate(resource, { ...options, ...profiles })
}

function addAll(library: Library, resource: Record<string, unknown>): void {
  library.addParsed(resource)
  const entries: unknown = resource['entry']
  if (Array.isArray(entries))
    for (const entry of entries) if (isObject(entry) && isObject(entry['resource'])) addAll(library, entry['resource'])
}

function read(name: string): Record<string, unknown> | undefined {
  const path = join(folder, 'files', name)
  if (!name.endsWith('.json')) {
    if (existsSync(`${path}.json`)) return read(`${name}.json`)
    return existsSync(path) ? jsonOfXml(readFileSync(path, 'utf8')) : undefined
  }
  if (!existsSync(path)) return undefined
  const value: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\u{feff}/u, ''))
  return isObject(value) ? value : undefined
}

function result(
  each: OfficialCase,
  against: CaseResult['against'],
  expected: Expected,
  issues: readonly Issue[],
): CaseResult {
  const errors = issues.filter((issue) => issue.severity === 'error')
  const places = expected.issues
    .filter((issue) => issue.severity === 'error' || issue.severity === 'fatal')
    .map((issue) => plainPath(issue.expression ?? ''))
  const ours = errors.map((issue) => plainPath(issue.expression ?? ''))
  return {
    name: each.name,
    module: each.module,
    against,
    needsServer: each.mayNeedTerminologyServer,
    expected,
    issues,
    valid: errors.length === 0,
    placed:
      expected.valid || errors.length === 0
        ? undefined
        : ours.some((place) => places.some((other) => isSame(place, other))),
  }
}

const plainPath = (path: string): string => path.replace(/\/\*.*?\*\//g, '').replace(/\.ofType\([A-Za-z]+\)/g, '')
const isSame = (left: string, right: string): boolean =>
  left === right || left.slice(0, left.lastIndexOf('.')) === right || right.slice(0, right.lastIndexOf('.')) === left
