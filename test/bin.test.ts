import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { packageRoot } from '../src/base/root.ts'

const program = join(packageRoot, 'bin', 'linchpin.mjs')

/** A Node on this machine that is too old for Linchpin itself. */
function olderNode(t: TestContext): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  const older = [...candidates, '/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    if (!existsSync(path)) return false
    const major = Number.parseInt(spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout, 10)
    return major >= 20 && major < 26
  })
  if (older === undefined) t.skip('SKIPPED: this machine has no Node from 20 to 25')
  return older
}

test('an older Node is enough to begin with: the right one goes on', (t) => {
  const node = olderNode(t)
  if (node === undefined) return
  const { status, stdout, stderr } = spawnSync(node, [program, '--help'], { encoding: 'utf8', cwd: tmpdir() })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /Usage: linchpin COMMAND/)
  assert.equal(spawnSync(node, [program, 'no-such-command']).status, 2)
})

test('without the right Node, one sentence says so', (t) => {
  const node = olderNode(t)
  if (node === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-bin-'))
  mkdirSync(join(folder, 'bin'))
  cpSync(program, join(folder, 'bin', 'linchpin.mjs'))
  const { status, stderr } = spawnSync(node, [join(folder, 'bin', 'linchpin.mjs'), 'serve'], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  assert.equal(status, 3)
  assert.match(
    stderr,
    /^linchpin: Linchpin needs Node 26; this is \d+\.\d+\.\d+, and npm has none for [\w-]+\. Install it\.\n$/,
  )
})

test('without a build and the means to make one, one sentence says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-bin-'))
  mkdirSync(join(folder, 'bin'))
  cpSync(program, join(folder, 'bin', 'linchpin.mjs'))
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin', 'linchpin.mjs')], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  assert.equal(status, 3)
  assert.match(stderr, /has not been built\. Run "npm ci" and "npm run build"/)
})
