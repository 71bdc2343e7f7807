import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts'
import { main } from '../cli.ts'

let database: TestDatabase
const folder = mkdtempSync(join(tmpdir(), 'linchpin-import-'))

before(async () => {
  database = await testDatabase()
})
after(async () => {
  await database.close()
  rmSync(folder, { recursive: true, force: true })
})

const fileOf = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const note = (id: string): string =>
  `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"note"}}`

test('the command accounts for everything and says by its status whether anything was refused', async () => {
  const run = async (path: string) => {
    let out = ''
    let err = ''
    const streams = { out: { write: (text: string) => (out += text) }, err: { write: (text: string) => (err += text) } }
    const status = await main(['import', path], { DATABASE_URL: database.url, LINCHPIN_WORKERS: '1' }, streams)
    return { status, out, err }
  }
  const good = await run(fileOf('good.ndjson', `${note('c1')}\n${note('c2')}\n`))
  assert.equal(good.status, 0)
  assert.match(good.out, /^Found 2 resources:\n {2}2 stored, .*\n {2}0 unchanged\n {2}0 refused\n$/)
  const partly = await run(fileOf('partly.ndjson', `${note('c1')}\n{\n${note('c3')}\n`))
  assert.equal(partly.status, 1)
  assert.match(
    partly.out,
    /^refused: .*partly\.ndjson, line 2: .*\nFound 3 resources:\n {2}1 stored, .*\n {2}1 unchanged\n {2}1 refused\n$/,
  )
  const unable = await run(join(folder, 'not-there.json'))
  assert.equal(unable.status, 3)
  assert.match(unable.err, /^linchpin import: There is no file or folder .*not-there\.json\n$/)
})
