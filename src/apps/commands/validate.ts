import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compactJson, isObject } from '../../base/json.ts'
import { type Issue, problem } from '../../base/problem.ts'
import { Library } from '../../kernel/fhir/packages/library.ts'
import { loadPackages } from '../../kernel/fhir/packages/load-packages.ts'
import { type LinePlace, placeInJson } from '../../kernel/fhir/validate/json-place.ts'
import { Validator } from '../../kernel/fhir/validate/validator.ts'
import { type Command, exitStatus } from '../command.ts'
import { packagesOf } from '../packages.ts'
import { startProgress } from '../progress.ts'
import { type FileResult, formats } from '../validation-report.ts'

/** `linchpin validate PATH…`: what is wrong with resources in files, without a database. */
export const validateCommand: Command = {
  name: 'validate',
  summary: 'Say what is wrong with FHIR resources in files',
  parameters: 'PATH…',
  atLeast: 1,
  options: {
    format: { type: 'string', help: 'text, json or junit (text)' },
    profile: { type: 'string', help: 'profile that every resource must meet, besides those it claims' },
    package: { type: 'string', help: 'a FHIR package, besides those that were added and LINCHPIN_PACKAGES' },
    'must-support': { type: 'boolean', help: 'also name elements to be supported that are empty' },
    quiet: { type: 'boolean', help: 'errors and warnings only: not what could not be checked' },
  },
  help: `Takes JSON files, NDJSON and folders of them. Every problem comes with its line and column, the FHIRPath of its place
and the id of the rule; at the end the rules are counted. Definitions among the files count for the others. Nothing is fetched.
Exit status 1 when anything is an error. Example: linchpin validate --format junit ./examples > report.xml`,
  async run({ config, log, parameters, options, print }) {
    const format = formats[String(options['format'] ?? 'text')]
    if (format === undefined) throw problem('invalid', 'The format must be text, json or junit')
    const library = new Library(packagesOf(config, log))
    if (typeof options['package'] === 'string') loadPackages(library, [resolve(options['package'])])
    const files = parameters.flatMap((path) => filesUnder(resolve(path)))
    const texts = files.flatMap(textsIn)
    for (const { value } of texts) if (isObject(value)) addDefinition(library, value)
    const validator = new Validator(library)
    const profiles = typeof options['profile'] === 'string' ? [options['profile']] : []
    const asked = { profiles, mustSupport: options['must-support'] === true }
    const progress = startProgress('Validating', 'resources')
    const results = texts.map((text, index) => {
      progress.report(index, texts.length)
      return resultOf(text, validator.validate(text.value, asked), options['quiet'] === true)
    })
    progress.end()
    for (const line of format(results)) print(line)
    return results.some((each) => each.issues.some(({ severity }) => severity === 'error'))
      ? exitStatus.partly
      : exitStatus.done
  },
}

interface FoundText {
  readonly file: string
  readonly text: string
  /** Lines before the text, in an NDJSON file. */
  readonly before: number
  readonly value: unknown
  readonly broken?: string
}

function filesUnder(path: string): readonly string[] {
  if (!existsSync(path)) throw problem('invalid', `There is nothing at ${path}`)
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:json|ndjson)$/.test(name) && statSync(join(path, name)).isFile())
    .sort()
    .map((name) => join(path, name))
}

function textsIn(file: string): readonly FoundText[] {
  const whole = readFileSync(file, 'utf8').replace(/^\u{feff}/u, '')
  const parts = file.endsWith('.ndjson') ? whole.split('\n') : [whole]
  return parts.flatMap((text, before): FoundText[] => {
    if (text.trim() === '' && parts.length > 1) return []
    try {
      return [{ file, text, before, value: JSON.parse(text) as unknown }]
    } catch (error) {
      return [
        { file, text, before, value: undefined, broken: error instanceof Error ? error.message : 'it cannot be read' },
      ]
    }
  })
}

function addDefinition(library: Library, value: Record<string, unknown>): void {
  library.addParsed(value)
  const entries: unknown = value['entry']
  if (Array.isArray(entries))
    for (const entry of entries)
      if (isObject(entry) && isObject(entry['resource'])) library.addParsed(entry['resource'])
}

function resultOf(
  { file, text, before, value, broken }: FoundText,
  found: readonly Issue[],
  quiet: boolean,
): FileResult {
  const issues: Issue[] =
    broken === undefined
      ? [...found, ...repeated(text, value)]
      : [{ severity: 'error', code: 'invalid', rule: 'json', message: `This is not JSON: ${broken.slice(0, 120)}` }]
  const placed = issues
    .filter(({ severity }) => !quiet || severity !== 'information')
    .map((issue) => {
      const { line, column }: LinePlace = placeInJson(text, issue.expression ?? '')
      return { ...issue, line: line + before, column }
    })
  return { file, issues: placed }
}

/** JSON parsers keep the last of two members of one name: fewer members than in the text. */
function repeated(text: string, value: unknown): readonly Issue[] {
  if (compactJson(text).keys === countMembers(value)) return []
  return [{ severity: 'error', code: 'structure', rule: 'json-repeated', message: 'A name occurs twice in one object' }]
}

function countMembers(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countMembers(each), 0)
  if (!isObject(value)) return 0
  return Object.values(value).reduce<number>((sum, each) => sum + 1 + countMembers(each), 0)
}
