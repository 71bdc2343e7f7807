/**
 * PostgreSQL's binary forms, so that a batch of rows travels as one array per column without quoting.
 * Source: PostgreSQL documentation, "Frontend/Backend Protocol" and `array_recv`.
 */
const oids = { int2: 21, int4: 23, int8: 20, text: 25, timestamptz: 1184 }

/** Microseconds between 1970 and 2000, where PostgreSQL's clock starts. */
const postgresEpochMs = 946_684_800_000

/** PostgreSQL's form of an instant given in milliseconds since 1970; `infinity` for the ends of time. */
export const timestampMicros = (epochMs: number): bigint => {
  if (epochMs === Number.POSITIVE_INFINITY) return 0x7fffffffffffffffn
  if (epochMs === Number.NEGATIVE_INFINITY) return -0x8000000000000000n
  return BigInt(Math.round((epochMs - postgresEpochMs) * 1000))
}

function header(buffer: Buffer, oid: number, count: number, hasNull: boolean): void {
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0)
  buffer.writeInt32BE(hasNull ? 1 : 0, 4)
  buffer.writeInt32BE(oid, 8)
  if (count === 0) return
  buffer.writeInt32BE(count, 12)
  buffer.writeInt32BE(1, 16)
}

const headerBytes = (count: number): number => (count === 0 ? 12 : 20)

/** An array of values that all take the same number of bytes. */
function fixedArray<T>(
  values: readonly T[],
  oid: number,
  bytes: number,
  write: (to: Buffer, value: T, at: number) => unknown,
): Buffer {
  const buffer = Buffer.allocUnsafe(headerBytes(values.length) + values.length * (4 + bytes))
  header(buffer, oid, values.length, false)
  let at = headerBytes(values.length)
  for (const value of values) {
    buffer.writeInt32BE(bytes, at)
    write(buffer, value, at + 4)
    at += 4 + bytes
  }
  return buffer
}

export const int8Array = (values: readonly bigint[]): Buffer =>
  fixedArray(values, oids.int8, 8, (to, value, at) => to.writeBigInt64BE(value, at))

export const int4Array = (values: readonly number[]): Buffer =>
  fixedArray(values, oids.int4, 4, (to, value, at) => to.writeInt32BE(value, at))

export const int2Array = (values: readonly number[]): Buffer =>
  fixedArray(values, oids.int2, 2, (to, value, at) => to.writeInt16BE(value, at))

/** Instants in milliseconds since 1970; undefined is null. */
export function timestampArray(values: readonly (number | undefined)[]): Buffer {
  const hasNull = values.includes(undefined)
  const buffer = Buffer.allocUnsafe(headerBytes(values.length) + values.length * 12)
  header(buffer, oids.timestamptz, values.length, hasNull)
  let at = headerBytes(values.length)
  for (const value of values) {
    if (value === undefined) {
      buffer.writeInt32BE(-1, at)
      at += 4
    } else {
      buffer.writeInt32BE(8, at)
      buffer.writeBigInt64BE(timestampMicros(value), at + 4)
      at += 12
    }
  }
  return buffer.subarray(0, at)
}

/** Texts; undefined is null. */
export function textArray(values: readonly (string | undefined)[]): Buffer {
  let size = headerBytes(values.length) + values.length * 4
  for (const value of values) size += (value?.length ?? 0) * 3
  const buffer = Buffer.allocUnsafe(size)
  header(buffer, oids.text, values.length, values.includes(undefined))
  let at = headerBytes(values.length)
  for (const value of values) {
    if (value === undefined) {
      at = buffer.writeInt32BE(-1, at)
      continue
    }
    const written = buffer.write(value, at + 4, 'utf8')
    buffer.writeInt32BE(written, at)
    at += 4 + written
  }
  return buffer.subarray(0, at)
}
