import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { dayNumber } from '../london.ts'
import { mostPeople } from '../people/most-people.ts'
import { settingsFor } from '../settings.ts'
import { writeFiles } from './write-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'linchpin-synth-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const settings = settingsFor(250, 12, 9, dayNumber(2026, 3, 29))

async function made(name: string, workers: number, gzip: boolean) {
  const into = join(folder, name)
  const told: number[] = []
  const resources = await writeFiles(settings, { folder: into, gzip, workers, report: (people) => told.push(people) })
  const files = readdirSync(into).toSorted()
  const texts = files.map((file) => {
    const bytes = readFileSync(join(into, file))
    return (gzip ? gunzipSync(bytes) : bytes).toString('utf8')
  })
  const hash = createHash('sha256').update(texts.join('\0')).digest('hex')
  return { resources, told, files, texts, hash }
}

test('the same settings make the same bytes, with one worker or three, packed or not', async () => {
  const one = await made('one', 1, false)
  const three = await made('three', 3, false)
  const packed = await made('packed', 2, true)
  assert.deepEqual(three.files, one.files)
  assert.equal(three.hash, one.hash)
  assert.equal(packed.hash, one.hash)
  assert.deepEqual(one.told, [100, 200, 250])
  const lines = one.texts.flatMap((text) => text.trimEnd().split('\n'))
  assert.equal(lines.length, one.resources)
  for (const line of lines) JSON.parse(line)
})

test('each file holds the records of one organisation', async () => {
  const { files, texts } = await made('sources', 1, false)
  assert.ok(files.length > 20)
  files.forEach((file, n) => {
    if (file.startsWith('0-register')) return
    const codes = [...(texts[n] ?? '').matchAll(/"managingOrganization":\{[^}]*"identifier":\{[^}]*"value":"([^"]+)"/g)]
    assert.deepEqual([...new Set(codes.map(([, code]) => `${code ?? ''}.ndjson`))], [file])
  })
})

test('more people than the test range has numbers for are refused', async () => {
  const wish = { ...settings, people: mostPeople + 1 }
  await assert.rejects(writeFiles(wish, { folder, gzip: false, workers: 1, report: () => undefined }), /999 range/)
})
