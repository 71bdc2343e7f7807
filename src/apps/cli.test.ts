import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problem } from '../base/problem.ts'
import { main } from './cli.ts'
import { type Command, exitStatus } from './command.ts'

const example: Command = {
  name: 'example',
  summary: 'Show what a command can do',
  parameters: 'PATH…',
  atLeast: 1,
  options: { strict: { type: 'boolean', help: 'refuse more' } },
  help: 'For example: linchpin example a.json',
  async run({ parameters, options, print }) {
    if (parameters[0] === 'nowhere') throw problem('unavailable', 'The disk is full')
    print(`${parameters.join(' ')} ${options['strict'] === true}`)
    return parameters.length > 1 ? exitStatus.partly : exitStatus.done
  },
}

async function run(words: readonly string[], environment = {}): Promise<{ status: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const streams = { out: { write: (text: string) => (out += text) }, err: { write: (text: string) => (err += text) } }
  const status = await main(words, environment, streams, [example])
  return { status, out, err }
}

for (const [words, status, out, err] of [
  [['example', 'a'], 0, /^a false\n$/, /^$/],
  [['example', 'a', '--strict'], 0, /^a true\n$/, /^$/],
  [['example', 'a', 'b'], 1, /^a b false\n$/, /^$/],
  [['--help'], 0, /example +Show what a command can do[\s\S]*LINCHPIN_HOME/, /^$/],
  [['example', '--help'], 0, /Usage: linchpin example \[OPTIONS\] PATH…[\s\S]*--strict +refuse more/, /^$/],
  [['help', 'example'], 0, /Usage: linchpin example/, /^$/],
  [[], 2, /^$/, /Commands:/],
  [['unknown'], 2, /^$/, /there is no command "unknown"/],
  [['example'], 2, /^$/, /PATH… is missing/],
  [['example', '--nonsense'], 2, /^$/, /--nonsense/],
  [['example', 'nowhere'], 3, /^$/, /^linchpin example: The disk is full\n$/],
] as const) {
  test(`linchpin ${words.join(' ')}: exit status ${status}`, async () => {
    const result = await run(words)
    assert.equal(result.status, status)
    assert.match(result.out, out)
    assert.match(result.err, err)
  })
}

test('a setting that cannot be used stops a command before it begins', async () => {
  const { status, err } = await run(['example', 'a'], { PORT: 'x' })
  assert.equal(status, exitStatus.unable)
  assert.match(err, /PORT must be/)
})

test('the commands that are listed exist and explain themselves', async () => {
  let out = ''
  const streams = { out: { write: (text: string) => (out += text) }, err: process.stderr }
  assert.equal(await main(['migrate', '--help'], {}, streams), exitStatus.done)
  assert.match(out, /--contract/)
})
