import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { problem } from '../../base/problem.ts'
import type { Unit } from './units.ts'

/** One line of an NDJSON file. */
export interface Line {
  /** Where in the file: `line 12`, or in a part of a large file the byte at which it begins. */
  readonly place: string
  readonly text: string
  /** Bytes of the file read so far, for progress. */
  readonly bytes: number
}

/** A longer line is no resource; reading it would take memory without bound. */
const longestLineBytes = 128 * 1024 * 1024
const newline = 0x0a

/** The lines that begin inside a unit. Memory holds one line and one block, whatever the size of the file. */
export async function* linesOf(unit: Unit): AsyncGenerator<Line> {
  // One byte earlier tells whether the first line begins here or belongs to the part before.
  const from = unit.start === 0 ? 0 : unit.start - 1
  let at = from
  let number = 0
  let skipping = unit.start !== 0
  for await (const { line, ended } of rawLines(unit, from)) {
    const begins = at
    at += line.length + (ended ? 1 : 0)
    if (skipping) {
      skipping = false
      continue
    }
    if (!unit.gzip && begins >= unit.end) return
    number += 1
    const text = line.toString('utf8')
    const place = unit.start === 0 ? `line ${number}` : `byte ${begins}`
    if (text.trim() !== '') yield { place, text, bytes: unit.gzip ? 0 : at - unit.start }
  }
}

async function* rawLines(unit: Unit, from: number): AsyncGenerator<{ line: Buffer; ended: boolean }> {
  const file = createReadStream(unit.path, { start: from, highWaterMark: 1 << 20 })
  const stream = unit.gzip ? file.pipe(createGunzip()) : file
  // Without this a broken file would end the process rather than this loop.
  file.on('error', (error) => stream.destroy(error))
  let kept: Buffer[] = []
  let keptBytes = 0
  for await (const block of stream) {
    let chunk: Buffer = Buffer.isBuffer(block) ? block : Buffer.from(String(block))
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline)) {
      kept.push(chunk.subarray(0, end))
      yield { line: kept.length === 1 ? (kept[0] ?? chunk) : Buffer.concat(kept), ended: true }
      kept = []
      keptBytes = 0
      chunk = chunk.subarray(end + 1)
    }
    kept.push(chunk)
    keptBytes += chunk.length
    if (keptBytes > longestLineBytes) throw problem('invalid', `A line is longer than ${longestLineBytes} bytes`)
  }
  if (keptBytes > 0) yield { line: Buffer.concat(kept), ended: false }
}
