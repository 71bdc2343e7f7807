import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestScript, TestScriptSetupActionAssert, TestScriptSetupActionOperation } from 'fhir/r4.js'
import { packageRoot } from '../../src/base/root.ts'
import { type FhirServer, fhirServer } from '../support/fhir-server.ts'

const folder = join(packageRoot, '..', 'shared', 'conformance', 'testscripts')
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\/(MUST|SHOULD|MAY)\//.test(name))
  : []

/** Scripts about what is not there yet, and what that is: each must go on failing, or leave this list. */
const notYet: Readonly<Record<string, string>> = {
  'smart-on-fhir-v2/MUST/discovery-has-required-fields.json': 'there is no authorisation endpoint yet',
  'smart-on-fhir-v2/SHOULD/discovery-has-patient-scope.json': 'tokens are for systems alone yet',
  'smart-on-fhir-v2/SHOULD/discovery-supports-pkce-s256.json': 'there is no authorisation endpoint yet',
}

let server: FhirServer
before(async () => {
  server = await fhirServer()
})
after(() => server.close())

test('the third-party TestScripts are here', { skip: files.length > 0 ? false : `nothing in ${folder}` }, () =>
  assert.ok(files.length >= 25),
)

for (const file of files)
  test(`TestScript ${file}`, async (context) => {
    const script: TestScript = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    const reason = notYet[file]
    if (reason === undefined) return run(script)
    await assert.rejects(run(script), `${file} passes: take it off the list`)
    context.skip(reason)
  })

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function run(script: TestScript): Promise<void> {
  for (const { action } of script.test ?? []) {
    let answer: Answer | undefined
    for (const { operation, assert: claim } of action) {
      if (operation !== undefined) answer = await carryOut(operation)
      else if (claim !== undefined && answer !== undefined) check(claim, answer)
    }
  }
}

async function carryOut(operation: TestScriptSetupActionOperation): Promise<Answer> {
  const { type, resource = '', params = '' } = operation
  const base = type?.code === 'capabilities' ? 'metadata' : type?.code === 'history' ? `${resource}/_history` : resource
  const fromRoot = 'pathFromRoot' in operation
  const headers = Object.fromEntries(
    (operation.requestHeader ?? []).map(({ field, value }) => [field.toLowerCase(), value]),
  )
  const answer = fromRoot
    ? await server.server.inject({ method: 'GET', url: params, headers })
    : await server.send('GET', `${base}${params}`.replace(/^\//, ''), { headers })
  return { status: answer.statusCode, headers: answer.headers, body: answer.payload }
}

const operators: Readonly<Record<string, (found: string, wanted: string) => boolean>> = {
  equals: (found, wanted) => found === wanted,
  notEquals: (found, wanted) => found !== wanted,
  in: (found, wanted) => wanted.split(',').includes(found),
  notIn: (found, wanted) => !wanted.split(',').includes(found),
  contains: (found, wanted) => found.includes(wanted),
  notContains: (found, wanted) => !found.includes(wanted),
  notEmpty: (found) => found !== '',
  empty: (found) => found === '',
  matchesRegex: (found, wanted) => new RegExp(wanted).test(found),
}

function check(claim: TestScriptSetupActionAssert & { readonly responseBody?: string }, answer: Answer): void {
  const compare = operators[claim.operator ?? 'equals']
  assert.ok(compare, `the runner does not know ${claim.operator}`)
  const [found, wanted] =
    claim.responseCode !== undefined
      ? [String(answer.status), claim.responseCode]
      : claim.contentType !== undefined
        ? [header(answer, 'content-type'), claim.contentType]
        : claim.headerField !== undefined
          ? [header(answer, claim.headerField), claim.value ?? '']
          : [answer.body, claim.responseBody ?? '']
  assert.ok(compare(found, wanted), `${claim.label}: ${found.slice(0, 200)}`)
}

function header({ headers }: Answer, name: string): string {
  const value = headers[name.toLowerCase()]
  return typeof value === 'string' ? value : ''
}
