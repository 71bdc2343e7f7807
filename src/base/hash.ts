/**
 * The 64-bit hash behind every search token and person key: MurmurHash3 x86-128 over UTF-16 code units, first 64 bits.
 * It is on disk: changing a result means rebuilding every search column. Source of the algorithm: Austin Appleby,
 * MurmurHash3 (public domain). Not keyed, so whatever decides about a person is checked again on the body.
 */
export function hash64(text: string): bigint {
  words[0] = 0
  words[1] = 0
  mix(text)
  return result[0] ?? 0n
}

const result = new BigInt64Array(1)
const words = new Int32Array(result.buffer)

const c1 = 0x239b961b
const c2 = 0xab0e9789
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

function finalise(value: number): number {
  let h = value
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function mix(text: string): void {
  const { length } = text
  let h1 = 0
  let h2 = 0
  let h3 = 0
  let h4 = 0
  // A block is 16 bytes: eight code units. Units past the end read as zero, which the length makes unambiguous.
  const unit = (index: number): number => (index < length ? text.charCodeAt(index) : 0)
  const full = length & ~7
  for (let i = 0; i < full; i += 8) {
    const k1 = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
    const k2 = text.charCodeAt(i + 2) | (text.charCodeAt(i + 3) << 16)
    const k3 = text.charCodeAt(i + 4) | (text.charCodeAt(i + 5) << 16)
    const k4 = text.charCodeAt(i + 6) | (text.charCodeAt(i + 7) << 16)
    h1 = (Math.imul(rotate(h1 ^ Math.imul(rotate(Math.imul(k1, c1), 15), c2), 19) + h2, 5) + 0x561ccd1b) | 0
    h2 = (Math.imul(rotate(h2 ^ Math.imul(rotate(Math.imul(k2, c2), 16), c3), 17) + h3, 5) + 0x0bcaa747) | 0
    h3 = (Math.imul(rotate(h3 ^ Math.imul(rotate(Math.imul(k3, c3), 17), c4), 15) + h4, 5) + 0x96cd1c35) | 0
    h4 = (Math.imul(rotate(h4 ^ Math.imul(rotate(Math.imul(k4, c4), 18), c1), 13) + h1, 5) + 0x32ac3b17) | 0
  }
  if (full < length) {
    const k1 = unit(full) | (unit(full + 1) << 16)
    const k2 = unit(full + 2) | (unit(full + 3) << 16)
    const k3 = unit(full + 4) | (unit(full + 5) << 16)
    const k4 = unit(full + 6) | (unit(full + 7) << 16)
    h1 ^= Math.imul(rotate(Math.imul(k1, c1), 15), c2)
    h2 ^= Math.imul(rotate(Math.imul(k2, c2), 16), c3)
    h3 ^= Math.imul(rotate(Math.imul(k3, c3), 17), c4)
    h4 ^= Math.imul(rotate(Math.imul(k4, c4), 18), c1)
  }
  const bytes = length * 2
  h1 ^= bytes
  h2 ^= bytes
  h3 ^= bytes
  h4 ^= bytes
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h4 = (h4 + h1) | 0
  h1 = finalise(h1)
  h2 = finalise(h2)
  h3 = finalise(h3)
  h4 = finalise(h4)
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  words[0] = h1
  words[1] = h2
}
