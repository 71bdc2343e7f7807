import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { type JobStore, jobStore } from '../../../test/support/jobs.ts'
import { importer } from './import-job.ts'

let held: JobStore | undefined
const at = (): JobStore => held ?? assert.fail('the store is open')
const files: Record<string, string> = {
  '/patients.ndjson': '{"resourceType":"Patient","id":"im1"}\n{"resourceType":"Patient","id":"im2"}\n',
  '/bad.ndjson':
    '{"resourceType":"Patient","id":"im3"}\n{"resourceType":"Pat\n{"resourceType":"Patient","id":"im4","nonsense":1}\n',
}
const server = createServer((request, response) => {
  const body = files[request.url ?? '']
  response.writeHead(body === undefined ? 404 : 200).end(body)
})
const address = { host: '' }

before(async () => {
  held = await jobStore()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = server.address()
  address.host = `127.0.0.1:${typeof port === 'object' && port !== null ? port.port : 0}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await held?.close()
})

interface Manifest {
  readonly output: readonly { inputUrl: string; found: number; stored: number; unchanged: number; refused: number }[]
  readonly error: readonly { inputUrl: string; count: number; url: string }[]
}

async function imported(
  body: string,
  { contentType = 'application/json', allowed = [address.host], mostBytes = 1e9 } = {},
) {
  const job = await at().ask('POST', '$import', body, { contentType })
  await at().work({ import: importer({ url: at().url, workers: 1, allowed, mostBytes }) })
  const { status, text } = await at().send('GET', job)
  assert.equal(status, 200, text)
  return JSON.parse(text) as Manifest
}

const manifest = (...paths: readonly string[]): string =>
  JSON.stringify({
    inputFormat: 'application/fhir+ndjson',
    inputSource: 'https://example.org',
    input: paths.map((path) => ({ type: 'Patient', url: `http://${address.host}${path}` })),
  })

test('files are fetched and every line of them is accounted for', async () => {
  const { output, error } = await imported(manifest('/patients.ndjson', '/bad.ndjson', '/missing.ndjson'))
  assert.deepEqual(
    output.map(({ found, stored, refused }) => [found, stored, refused]),
    [
      [2, 2, 0],
      [3, 1, 2],
      [0, 0, 0],
    ],
  )
  assert.deepEqual(
    error.map(({ count }) => count),
    [2, 1],
  )
  const lines = (await at().send('GET', error[0]?.url ?? '')).text
  assert.match(lines, /line 2/)
  assert.match(lines, /nonsense/)
  assert.match((await at().send('GET', error[1]?.url ?? '')).text, /answered 404/)
  assert.equal((await at().send('GET', 'Patient/im2')).status, 200)
})

test('an import that is run again changes nothing', async () => {
  const { output } = await imported(manifest('/patients.ndjson'))
  assert.deepEqual(
    output.map(({ found, unchanged }) => [found, unchanged]),
    [[2, 2]],
  )
})

test('lines can come as the body, and the manifest as Parameters', async () => {
  const { output } = await imported('{"resourceType":"Patient","id":"up1"}\n', {
    contentType: 'application/fhir+ndjson',
  })
  assert.deepEqual(
    output.map(({ stored }) => stored),
    [1],
  )
  const part = [
    { name: 'type', valueCode: 'Patient' },
    { name: 'url', valueUrl: `http://${address.host}/patients.ndjson` },
  ]
  const asParameters = await imported(
    JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'input', part }] }),
  )
  assert.deepEqual(
    asParameters.output.map(({ found }) => found),
    [2],
  )
})

test('what lies in our own network is not fetched, nor what is too large', async () => {
  const refused = await imported(manifest('/patients.ndjson'), { allowed: [] })
  assert.match((await at().send('GET', refused.error[0]?.url ?? '')).text, /LINCHPIN_OUTBOUND/)
  const large = await imported(manifest('/patients.ndjson'), { mostBytes: 10 })
  assert.match((await at().send('GET', large.error[0]?.url ?? '')).text, /larger than 10 bytes/)
})

for (const [body, expression] of [
  ['{"input":[]}', 'input'],
  ['{"input":[{"url":"file:///etc/passwd"}]}', 'input[0]'],
  ['{"input":[{"url":"https://example.org","type":"Nonsense"}]}', 'input[0]'],
  ['{"inputFormat":"text/csv","input":[{"url":"https://example.org"}]}', 'inputFormat'],
  ['nonsense', undefined],
  ['[]', undefined],
] as const)
  test(`the manifest ${body} is refused`, async () => {
    const { status, text } = await at().send('POST', '$import', body, {
      prefer: 'respond-async',
      contentType: 'application/json',
    })
    assert.equal(status, 400, text)
    if (expression !== undefined) assert.ok(text.includes(`"expression":["${expression}"]`), text)
  })
