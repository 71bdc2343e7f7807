import { randomFillSync } from 'node:crypto'
import { hash64 } from './hash.ts'

const random = Buffer.alloc(8 * 256)
let used = random.length

function eightRandomBytes(): Buffer {
  if (used === random.length) {
    randomFillSync(random)
    used = 0
  }
  used += 8
  return random.subarray(used - 8, used)
}

/**
 * A new logical id that carries its person's key (RFC 9562 version 8 UUID): 64 bits of key, 58 random. A shard can be
 * found from the id alone until a merge re-homes the row. 0n for what belongs to no person.
 */
export function newId(personKey: bigint): string {
  const tail = eightRandomBytes().toString('hex')
  const key = BigInt.asUintN(64, personKey).toString(16).padStart(16, '0')
  const variant = '89ab'[Number.parseInt(tail[3] ?? '0', 16) & 3] ?? '8'
  return `${key.slice(0, 8)}-${key.slice(8, 12)}-8${key.slice(12, 15)}-${variant}${key[15] ?? '0'}${tail.slice(0, 2)}-${tail.slice(4)}`
}

/** The person key inside an id made by `newId`; undefined for an id of any other form. */
export function personKeyOf(id: string): bigint | undefined {
  const parts = /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-[89ab]([0-9a-f])[0-9a-f]{2}-[0-9a-f]{12}$/.exec(id)
  if (parts === null) return undefined
  return BigInt.asIntN(64, BigInt(`0x${parts.slice(1).join('')}`))
}

/** The key under which all of a person's rows lie, made from the id of their golden Person. Never 0n. */
export function personKey(personId: string): bigint {
  const key = hash64(`Person/${personId}`)
  return key === 0n ? 1n : key
}
