import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { claimHome, runningServer } from './claim.ts'

const noon = Temporal.Instant.from('2026-11-22T12:00:00Z')

test('a second server on the same folder is told which one is there already', () => {
  const home = mkdtempSync(join(tmpdir(), 'linchpin-claim-'))
  const claim = claimHome(home, noon)
  claim.announce('http://127.0.0.1:8080')
  const whom = `process ${process.pid} since 2026-11-22T12:00:00Z, at http://127.0.0.1:8080`
  assert.equal(runningServer(home), whom)
  assert.throws(() => claimHome(home, noon), { message: `Linchpin already runs on ${home}: ${whom}` })
  claim.release()
  assert.equal(runningServer(home), undefined)
  claimHome(home, noon).release()
  rmSync(home, { recursive: true })
})

test('a server that was killed holds nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'linchpin-claim-'))
  const module = JSON.stringify(new URL('claim.js', import.meta.url).href)
  const script = `const { claimHome } = await import(${module})
    claimHome(${JSON.stringify(home)}, Temporal.Now.instant())
    process.stdout.write('claimed'); setTimeout(() => {}, 60_000)`
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(other.stdout, 'data')
  assert.match(runningServer(home) ?? '', new RegExp(`^process ${other.pid} `))
  other.kill('SIGKILL')
  await once(other, 'exit')
  claimHome(home, noon).release()
  rmSync(home, { recursive: true })
})

test('nobody runs on a folder that is not there', () => {
  assert.equal(runningServer(join(tmpdir(), 'linchpin-nowhere')), undefined)
})
