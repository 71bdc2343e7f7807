import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { type Line, linesOf } from './lines.ts'
import type { Unit } from './units.ts'

const folder = mkdtempSync(join(tmpdir(), 'linchpin-lines-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const unitOf = (path: string, start: number, end: number): Unit => ({
  path,
  form: 'ndjson',
  gzip: path.endsWith('.gz'),
  start,
  end,
})

async function read(bytes: string | Buffer, name = 'a.ndjson'): Promise<Line[]> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return Array.fromAsync(linesOf(unitOf(path, 0, bytes.length)))
}

const notUtf8 = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n{"b":1}\n')])

for (const [what, bytes, expected] of [
  [
    'one a line',
    '{"a":1}\n{"b":2}\n',
    [
      ['line 1', '{"a":1}'],
      ['line 2', '{"b":2}'],
    ],
  ],
  [
    'a last line without an end',
    '{"a":1}\n{"b":2}',
    [
      ['line 1', '{"a":1}'],
      ['line 2', '{"b":2}'],
    ],
  ],
  [
    'empty lines are counted and passed by',
    '\n{"a":1}\n \n{"b":2}\n',
    [
      ['line 2', '{"a":1}'],
      ['line 4', '{"b":2}'],
    ],
  ],
  ['a byte order mark is no part of the first line', '\u{feff}{"a":1}\n', [['line 1', '{"a":1}']]],
  [
    'a line end of Windows is white space',
    '{"a":1}\r\n{"b":2}\r\n',
    [
      ['line 1', '{"a":1}\r'],
      ['line 2', '{"b":2}\r'],
    ],
  ],
  [
    'a line that is not UTF-8 has no text',
    notUtf8,
    [
      ['line 1', undefined],
      ['line 2', '{"b":1}'],
    ],
  ],
  ['an empty file has no lines', '', []],
] as const)
  test(`lines: ${what}`, async () => {
    const lines = await read(Buffer.from(bytes))
    assert.deepEqual(
      lines.map(({ place, text }) => [place, text]),
      expected,
    )
  })

test('a packed file that was cut off gives its whole lines, then fails', async () => {
  const text = Array.from({ length: 5000 }, (_, n) => `{"n":${n * 7919}}\n`).join('')
  const packed = gzipSync(text)
  const path = join(folder, 'cut.ndjson.gz')
  writeFileSync(path, packed.subarray(0, packed.length / 2))
  const found: string[] = []
  await assert.rejects(async () => {
    for await (const line of linesOf(unitOf(path, 0, packed.length))) found.push(line.text ?? '')
  })
  assert.ok(found.length > 100)
  assert.deepEqual(found, text.split('\n').slice(0, found.length))
})

test('every line is in one part of a file and one only, wherever it is cut', async () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })
  const cuts = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(lengths, cuts, fc.boolean(), async (wanted, at, ended) => {
      const lines = wanted.map((length, n) => `${n}:${'é'.repeat(length)}`)
      const bytes = Buffer.from(lines.join('\n') + (ended ? '\n' : ''))
      const path = join(folder, 'parts.ndjson')
      writeFileSync(path, bytes)
      const bounds = [...new Set([0, ...at.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b)
      const found: (string | undefined)[] = []
      for (const [n, start] of bounds.slice(0, -1).entries())
        for await (const { text } of linesOf(unitOf(path, start, bounds[n + 1] ?? start))) found.push(text)
      assert.deepEqual(found, lines)
    }),
    { numRuns: 150 },
  )
})
