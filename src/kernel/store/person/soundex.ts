const codes: Readonly<Record<string, string>> = {
  b: '1',
  f: '1',
  p: '1',
  v: '1',
  c: '2',
  g: '2',
  j: '2',
  k: '2',
  q: '2',
  s: '2',
  x: '2',
  z: '2',
  d: '3',
  t: '3',
  l: '4',
  m: '5',
  n: '5',
  r: '6',
}

/**
 * American Soundex, as the Personal Demographics Service uses it for fuzzy search: a letter and three digits. H and W do
 * not separate equal codes, vowels do. Empty for a text without letters.
 */
export function soundex(text: string): string {
  const letters = text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]/g, '')
  const first = letters[0]
  if (first === undefined) return ''
  let result = first.toUpperCase()
  let last = codes[first] ?? ''
  for (const letter of letters.slice(1)) {
    const code = codes[letter] ?? ''
    if (code !== '' && code !== last) result += code
    if (result.length === 4) return result
    if (letter !== 'h' && letter !== 'w') last = code
  }
  return result.padEnd(4, '0')
}
