import { compactJson, members } from '../../src/base/json.ts'

/**
 * A resource's text without what the store puts in: id, version and time of storing. Two texts that are equal after this
 * say the same, digit for digit and in the same order.
 */
export function bare(text: string): string {
  const compact = compactJson(text).text
  const kept = members(compact).flatMap(({ key, keyStart, start, end }) => {
    if (key === 'id') return []
    if (key !== 'meta') return [compact.slice(keyStart, end)]
    const inner = members(compact, start)
      .filter((part) => part.key !== 'versionId' && part.key !== 'lastUpdated')
      .map((part) => compact.slice(part.keyStart, part.end))
    return inner.length === 0 ? [] : [`"meta":{${inner.join(',')}}`]
  })
  return `{${kept.join(',')}}`
}
