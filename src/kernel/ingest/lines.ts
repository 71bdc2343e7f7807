import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import type { Unit } from './units.ts'

/** One line of an NDJSON file. */
export interface Line {
  /** Where in the file: `line 12`, or in a part of a large file the byte at which it begins. */
  readonly place: string
  /** Undefined when it cannot be a resource; `fault` says why. */
  readonly text: string | undefined
  readonly fault: string
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
  for await (const { line, length } of rawLines(unit, from)) {
    const begins = at
    at += length
    if (skipping) {
      skipping = false
      continue
    }
    if (!unit.gzip && begins >= unit.end) return
    number += 1
    const place = unit.start === 0 ? `line ${number}` : `byte ${begins}`
    const read = line === undefined ? { text: undefined, fault: tooLong } : decoded(line, begins === 0)
    if (read.text?.trim() !== '') yield { place, ...read, bytes: unit.gzip ? 0 : at - unit.start }
  }
}

const tooLong = `The line is longer than ${longestLineBytes} bytes`

/** The text of a line. Bytes that are not UTF-8 are refused, not replaced: what is stored is what was sent. */
function decoded(line: Buffer, first: boolean): Pick<Line, 'text' | 'fault'> {
  if (!isUtf8(line)) return { text: undefined, fault: 'The line is not UTF-8' }
  const text = line.toString('utf8')
  return { text: first ? text.replace(/^\u{feff}/u, '') : text, fault: '' }
}

/** Lines as bytes, with how many bytes of the file each takes; one that is too long comes without its bytes. */
async function* rawLines(unit: Unit, from: number): AsyncGenerator<{ line: Buffer | undefined; length: number }> {
  const file = createReadStream(unit.path, { start: from, highWaterMark: 1 << 20 })
  const stream = unit.gzip ? file.pipe(createGunzip()) : file
  // Without this a broken file would end the process rather than this loop.
  file.on('error', (error) => stream.destroy(error))
  let kept: Buffer[] = []
  let length = 0
  const whole = (): Buffer | undefined => (length > longestLineBytes ? undefined : Buffer.concat(kept))
  for await (const block of stream) {
    let chunk: Buffer = Buffer.isBuffer(block) ? block : Buffer.from(String(block))
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline)) {
      kept.push(chunk.subarray(0, end))
      length += end
      yield { line: kept.length === 1 && length <= longestLineBytes ? kept[0] : whole(), length: length + 1 }
      kept = []
      length = 0
      chunk = chunk.subarray(end + 1)
    }
    kept.push(chunk)
    length += chunk.length
    if (length > longestLineBytes) kept = []
  }
  if (length > 0) yield { line: whole(), length }
}
