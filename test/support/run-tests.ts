import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageRoot } from '../../src/base/root.ts'
import { chromiumAdvice, chromiumPath } from './chromium.ts'
import { startOtherServer } from './other-server.ts'

// Runs the tests: `npm test`, or `npm test -- store person` for those with a word in their path, or
// `npm test -- --postgres=/usr/lib/postgresql/15/bin src/kernel` on another PostgreSQL. `--quick` leaves out what takes
// long (browser journeys, whole sets of real input, kills and hardship): for `npm run check`, many times a day.
// LINCHPIN_LONG=1 does more: fifty kills, a 2 GB file, every bundle by HTTP, thousands of random sequences.

const long = process.env['LINCHPIN_LONG'] === '1'
const limitMs = (long ? 60 : 15) * 60_000
const arguments_ = process.argv.slice(2)
const wanted = arguments_.filter((argument) => !argument.startsWith('--'))
const quick = arguments_.includes('--quick')
const slow = /^test\/(conformance|journeys|real-input|kill|processes|every-capability)|embedded\/|structure-examples/
const postgres = arguments_.find((argument) => argument.startsWith('--postgres='))?.slice('--postgres='.length)

// Found in the sources, so that what was compiled from a test since deleted does not run.
const tests = ['src', 'test']
  .flatMap((folder) => readdirSync(join(packageRoot, folder), { recursive: true, withFileTypes: true }))
  .filter((file) => /\.test\.tsx?$/.test(file.name))
  .map((file) => relative(packageRoot, join(file.parentPath, file.name)))
  .filter((path) => wanted.length === 0 || wanted.some((word) => path.includes(word)))
  .filter((path) => !(quick && slow.test(path)))
  .toSorted()

if (chromiumPath() === undefined) process.stderr.write(`\n*** ${chromiumAdvice} ***\n\n`)

const other = postgres === undefined ? undefined : await startOtherServer(postgres)
const compiled = join(relative(process.cwd(), import.meta.dirname), '..', '..')
const files = tests.map((path) => join(compiled, path.replace(/tsx?$/, 'js')))
const runner = spawn(
  process.execPath,
  ['--test', '--test-isolation=none', '--test-timeout=90000', '--enable-source-maps', ...files],
  {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production', ...(other === undefined ? {} : { TEST_DATABASE_URL: other.url }) },
  },
)
const timer = setTimeout(() => {
  process.stderr.write(`The tests were ended after ${limitMs / 60_000} minutes\n`)
  runner.kill('SIGKILL')
}, limitMs)
const ended: unknown[] = await once(runner, 'exit')
clearTimeout(timer)
await other?.stop()
process.exitCode = typeof ended[0] === 'number' ? ended[0] : 1
