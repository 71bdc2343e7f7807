import assert from 'node:assert/strict'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newHome } from '../support/embedded.ts'
import { type CommandProcess, startCommand } from '../support/server-process.ts'

// One file much larger than memory should be, cut off in the middle and finished: only with `LINCHPIN_LONG=1`.

const skip = process.env['LINCHPIN_LONG'] === '1' ? false : 'a 2 GB file takes minutes: set LINCHPIN_LONG=1'
const fileBytes = 2 * 1024 ** 3
const mostResidentMb = 600

const note = 'Seen at home, comfortable, no change since the last visit. '.repeat(70)
const line = (n: number): string =>
  `{"resourceType":"Observation","id":"large-${n}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/large"},"effectiveDateTime":"2026-03-01T09:15:00Z","valueQuantity":{"value":${n}},"note":[{"text":"${note}"}]}\n`
const lines = Math.ceil(fileBytes / line(100_000).length)

function* blocks(): Generator<string> {
  for (let from = 0; from < lines; from += 500)
    yield Array.from({ length: Math.min(500, lines - from) }, (_, n) => line(from + n)).join('')
}

/** The most memory a process has held so far. Linux tells it in /proc (proc(5), VmHWM). */
const peakMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

async function watched(
  command: CommandProcess,
): Promise<{ readonly out: string; readonly status: number | null; readonly mb: number }> {
  let mb = 0
  const timer = setInterval(() => {
    try {
      mb = Math.max(mb, peakMb(command.pid))
    } catch {
      // It has ended.
    }
  }, 200)
  const { status, out } = await command.ended
  clearInterval(timer)
  return { status, out, mb }
}

test('a 2 GB file is imported in less than 600 MB, and after a kill the rest of it', {
  skip,
  timeout: 1_800_000,
}, async (t) => {
  const home = newHome()
  mkdirSync(home, { mode: 0o711 })
  const path = join(home, 'large.ndjson')
  try {
    await pipeline(Readable.from(blocks()), createWriteStream(path))
    const first = startCommand(home, ['import', path])
    const cut = watched(first)
    await sleep(15_000)
    first.kill()
    const { mb: firstMb } = await cut
    const began = performance.now()
    const { status, out, mb } = await watched(startCommand(home, ['import', path]))
    t.diagnostic(
      `${lines} resources; peak ${Math.round(Math.max(mb, firstMb))} MB; rest in ${Math.round((performance.now() - began) / 1000)} s`,
    )
    assert.equal(status, 0, out.slice(-2000))
    const count = (what: RegExp): number => Number(what.exec(out)?.[1])
    const [stored, unchanged] = [count(/(\d+) stored/), count(/(\d+) unchanged/)]
    assert.deepEqual([count(/Found (\d+) resources/), stored + unchanged], [lines, lines])
    assert.ok(unchanged > 0, 'the first run had stored something')
    assert.ok(Math.max(mb, firstMb) < mostResidentMb, `${mb} MB`)
  } finally {
    await rm(path, { force: true })
  }
})
