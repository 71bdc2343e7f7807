import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type TestStore, testStore } from '../../../../test/support/store.ts'
import { packageRoot } from '../../../base/root.ts'

const folder = join(packageRoot, '../shared/conformance/graphql')
const skip = existsSync(folder) ? false : `${folder} is not here`

let store: TestStore
before(async () => {
  store = await testStore()
})
after(() => store.close())

interface Case {
  readonly name: string
  readonly source: string
  readonly output: string
  readonly context: string
  readonly resource?: string
  readonly operation?: string
}

const attribute = (text: string, name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1]

const cases = (): readonly Case[] =>
  [...readFileSync(join(folder, 'manifest.xml'), 'utf8').matchAll(/<test ([^>]*)\/>/g)].map(([, text = '']) => {
    const optional = { resource: attribute(text, 'resource'), operation: attribute(text, 'operation') }
    return {
      name: attribute(text, 'name') ?? '',
      source: attribute(text, 'source') ?? '',
      output: attribute(text, 'output') ?? '',
      context: attribute(text, 'context') ?? '',
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    }
  })

/** Puts what a case runs on under the name by which its context calls it. */
async function load({ context, resource, output }: Case): Promise<void> {
  const [type = '', id = ''] = context.split('/')
  const names = context === '' ? [] : [[resource ?? `${type.toLowerCase()}-${id}`, type, id] as const]
  for (const [file, of, as] of [
    ...names,
    ['patient-example', 'Patient', 'example'],
    ['condition-example', 'Condition', 'example'],
  ] as const) {
    let text = readFileSync(join(folder, 'resources', `${file}.json`), 'utf8').replace(/"id": "[^"]*"/, `"id": "${as}"`)
    // The published answer was made with another prescription number than the published resource has.
    const told =
      output === '$error'
        ? undefined
        : /"reference" ?: ?"(MedicationRequest\/\w+)"/.exec(readFileSync(join(folder, output), 'utf8'))?.[1]
    if (told !== undefined) text = text.replaceAll(/MedicationRequest\/\w+/g, told)
    const put = await store.fhir('PUT', `${of}/${as}`, text)
    ok(put.status < 300, put.text)
  }
  // The published searches find two active patients.
  if (context === '') await store.fhir('DELETE', 'Patient/glossy')
  if (context === '')
    await store.fhir('PUT', 'Patient/xds', JSON.stringify({ resourceType: 'Patient', id: 'xds', active: true }))
}

const fhirCases = skip === false ? cases() : []
if (skip !== false) test('FHIR GraphQL cases', { skip }, () => undefined)
for (const each of fhirCases)
  test(`FHIR GraphQL case ${each.name}`, async () => {
    await load(each)
    const query = readFileSync(join(folder, each.source), 'utf8')
    const body = JSON.stringify({
      query,
      variables: { var: true },
      ...(each.operation === undefined ? {} : { operationName: each.operation }),
    })
    const answer = await store.fhir('POST', each.context === '' ? '$graphql' : each.context, body)
    const { data, errors } = JSON.parse(answer.text) as { data?: Record<string, unknown>; errors?: unknown }
    if (each.output === '$error') {
      equal(answer.status, 400)
      ok(Array.isArray(errors) && errors.length > 0)
      return
    }
    equal(answer.status, 200, answer.text)
    const expected = JSON.parse(readFileSync(join(folder, each.output), 'utf8')) as Record<string, unknown>
    if ('PatientConnection' in expected) deepEqual(Object.keys(pageOf(data)), ['count', 'offset', 'pagesize', 'edges'])
    deepEqual(withoutPageNumbers(data), withoutPageNumbers(expected))
  })

const pageOf = (data: unknown): Record<string, unknown> =>
  (data as { PatientConnection: Record<string, unknown> }).PatientConnection

/** What the published page says of a server that was made up: its numbers, its score and the name of its next page. */
function withoutPageNumbers(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('PatientConnection' in data)) return data
  const edges = pageOf(data)['edges'] as readonly { readonly resource: unknown }[]
  return edges.map(({ resource }) => resource)
}

test('FHIR GraphQL server tests by GET', { skip }, async () => {
  const tests = JSON.parse(readFileSync(join(folder, 'server-tests.json'), 'utf8')) as Record<
    string,
    Record<string, { url: string; output: unknown }>
  >
  for (const { url, output } of [tests['instance-tests']?.['simple'], tests['root-tests']?.['simple']].filter(
    (each) => each !== undefined,
  )) {
    const [path, query = ''] = url.slice(1).split('?')
    const answer = await store.fhir(
      'GET',
      `${path}?${new URLSearchParams({ query: query.slice('query='.length) }).toString()}`,
    )
    deepEqual(JSON.parse(answer.text), output)
  }
})

const ask = async (query: string, path = '$graphql') => {
  const answer = await store.fhir('POST', path, JSON.stringify({ query }))
  return {
    ...answer,
    body: JSON.parse(answer.text) as { data?: Record<string, unknown>; errors?: readonly { message: string }[] },
  }
}

test('Pages of a connection follow its cursors, each resource once', async () => {
  for (const id of ['p1', 'p2', 'p3', 'p4', 'p5'])
    await store.fhir('PUT', `Organization/${id}`, JSON.stringify({ resourceType: 'Organization', id, name: 'Paged' }))
  const seen: unknown[] = []
  let cursor: string | undefined
  do {
    const from = cursor === undefined ? '' : `, _cursor: "${cursor}"`
    const { body } = await ask(
      `{OrganizationConnection(name: "Paged", _count: 2${from}) { count next edges { resource { id } } }}`,
    )
    const page = body.data?.['OrganizationConnection'] as {
      count: number
      next?: string
      edges: { resource: { id: string } }[]
    }
    equal(page.count, 5)
    seen.push(...page.edges.map(({ resource }) => resource.id))
    cursor = page.next
  } while (cursor !== undefined)
  deepEqual(seen, ['p1', 'p2', 'p3', 'p4', 'p5'])
})

test('A fragment that repeats a field merges with it; an alias names it anew', async () => {
  await store.fhir(
    'PUT',
    'Patient/merge',
    JSON.stringify({ resourceType: 'Patient', id: 'merge', name: [{ family: 'Hill', given: ['Ann'] }] }),
  )
  const { body } = await ask(
    '{ name { family } ...more who: id } fragment more on Patient { name { given } }',
    'Patient/merge/$graphql',
  )
  deepEqual(body.data, { name: [{ family: 'Hill', given: ['Ann'] }], who: 'merge' })
})

const deep = (levels: number): string => `${'{ partOf { resource '.repeat(levels)}{ id }${' } }'.repeat(levels)}`
const bombs: readonly (readonly [what: string, query: string])[] = [
  ['a query too deep', deep(20)],
  ['a fragment that holds itself', '{ ...a } fragment a on Organization { ...b } fragment b on Organization { ...a }'],
  [
    'fragments that double',
    `{ ...f0 } ${Array.from({ length: 30 }, (_, index) => `fragment f${index} on Organization { ...f${index + 1} ...f${index + 1} }`).join(' ')} fragment f30 on Organization { id }`,
  ],
  ['very many tokens', `{ ${'id '.repeat(20_000)} }`],
  ['a mutation', 'mutation { id }'],
  ['an unknown directive', '{ id @fast }'],
  ['a pattern in FHIRPath', '{ alias name identifier(fhirpath: "value.matches(\'(a+)+$\')") { value } }'],
  ['a walk of the whole tree in FHIRPath', '{ identifier(fhirpath: "repeat(children()).exists()") { value } }'],
  ['FHIRPath that is none', '{ identifier(fhirpath: "value =") { value } }'],
  ['a field of a value', '{ name { text } }'],
  ['no fields of an element', '{ identifier }'],
  ['no query', ''],
  ['a search by an unknown parameter', '{ PatientList(_reference: wrong) { id } }'],
  ['a wrong field where there is nothing', '{ telecom { wrong } }'],
]
for (const [what, query] of bombs)
  test(`GraphQL refuses ${what}`, async () => {
    await store.fhir('PUT', 'Organization/o', JSON.stringify({ resourceType: 'Organization', id: 'o', name: 'O' }))
    const { status, body } = await ask(query, 'Organization/o/$graphql')
    equal(status, 400)
    match(body.errors?.[0]?.message ?? '', /./)
  })

test('Every resource a query touches is audited under its person', async () => {
  await store.fhir('PUT', 'Patient/seen', JSON.stringify({ resourceType: 'Patient', id: 'seen' }))
  await store.fhir(
    'PUT',
    'Condition/seen',
    JSON.stringify({ resourceType: 'Condition', id: 'seen', subject: { reference: 'Patient/seen' } }),
  )
  await ask('{ subject { resource { id } } }', 'Condition/seen/$graphql')
  const person = await store.personOf('Patient', 'seen')
  for (const name of ['Patient/seen', 'Condition/seen'])
    deepEqual(
      (await store.audit(name)).filter((row) => row.action === 'search').map((row) => row.person),
      [person],
    )
})

test('A resource that is not there is not found', async () =>
  equal((await ask('{ id }', 'Patient/nobody/$graphql')).status, 404))
