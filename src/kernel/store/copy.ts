import { timestampMicros } from './wire.ts'

const blockBytes = 1 << 20
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

/** Writes rows in PostgreSQL's binary COPY form. Source: PostgreSQL documentation, "COPY", Binary Format. */
export class CopyWriter {
  readonly #fields: number
  readonly #full: Buffer[] = []
  #block: Buffer
  #at = 0

  constructor(fields: number) {
    this.#fields = fields
    this.#block = Buffer.allocUnsafe(blockBytes)
    this.#at += signature.copy(this.#block)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#block.length) return
    this.#full.push(this.#block.subarray(0, this.#at))
    this.#block = Buffer.allocUnsafe(Math.max(blockBytes, bytes))
    this.#at = 0
  }

  row(): void {
    this.#room(2)
    this.#at = this.#block.writeInt16BE(this.#fields, this.#at)
  }

  int2(value: number): void {
    this.#room(6)
    this.#at = this.#block.writeInt32BE(2, this.#at)
    this.#at = this.#block.writeInt16BE(value, this.#at)
  }

  int4(value: number): void {
    this.#room(8)
    this.#at = this.#block.writeInt32BE(4, this.#at)
    this.#at = this.#block.writeInt32BE(value, this.#at)
  }

  int8(value: bigint): void {
    this.#room(12)
    this.#at = this.#block.writeInt32BE(8, this.#at)
    this.#at = this.#block.writeBigInt64BE(value, this.#at)
  }

  /** Milliseconds since 1970; undefined is null. */
  timestamp(value: number | undefined): void {
    if (value !== undefined) return this.int8(timestampMicros(value))
    this.#room(4)
    this.#at = this.#block.writeInt32BE(-1, this.#at)
  }

  text(value: string): void {
    this.#room(4 + value.length * 3)
    const written = this.#block.write(value, this.#at + 4, 'utf8')
    this.#block.writeInt32BE(written, this.#at)
    this.#at += 4 + written
  }

  /** One array made of two lists end to end. */
  int8Array(first: readonly bigint[], second: readonly bigint[]): void {
    const count = first.length + second.length
    const bytes = (count === 0 ? 12 : 20) + count * 12
    this.#room(4 + bytes)
    const block = this.#block
    let at = block.writeInt32BE(bytes, this.#at)
    at = block.writeInt32BE(count === 0 ? 0 : 1, at)
    at = block.writeInt32BE(0, at)
    at = block.writeInt32BE(20, at)
    if (count > 0) {
      at = block.writeInt32BE(count, at)
      at = block.writeInt32BE(1, at)
    }
    for (const list of [first, second])
      for (const value of list) {
        at = block.writeInt32BE(8, at)
        at = block.writeBigInt64BE(value, at)
      }
    this.#at = at
  }

  /** All that was written, with the end mark. */
  chunks(): readonly Buffer[] {
    this.#room(2)
    this.#at = this.#block.writeInt16BE(-1, this.#at)
    return [...this.#full, this.#block.subarray(0, this.#at)]
  }
}
