import { soundex } from './soundex.ts'

/** A name for comparing: letters and digits only, no accents, lower case. `O'Reilly` and `OREILLY` are one name. */
export const plainName = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')

/** Whether two names may be one, by sound: what rule 5 asks of family names. */
export function soundAlike(a: string, b: string): boolean {
  const code = soundex(a)
  // Names in another script have no Soundex: they must be equal.
  return code === '' ? plainName(a) !== '' && plainName(a) === plainName(b) : code === soundex(b)
}

/** Whether two given names begin with the same three letters: what rule 5 asks of given names. */
export function beginAlike(a: string, b: string): boolean {
  const [one, other] = [plainName(a), plainName(b)]
  return one !== '' && other !== '' && one.slice(0, 3) === other.slice(0, 3)
}

/** Everyday short forms that do not begin like the name they stand for, so that `beginAlike` misses them. */
const shortForms: Readonly<Record<string, string>> = {
  betty: 'elizabeth',
  beth: 'elizabeth',
  liz: 'elizabeth',
  lizzie: 'elizabeth',
  libby: 'elizabeth',
  bill: 'william',
  billy: 'william',
  bob: 'robert',
  bobby: 'robert',
  dick: 'richard',
  rick: 'richard',
  dot: 'dorothy',
  harry: 'henry',
  jack: 'john',
  jim: 'james',
  jimmy: 'james',
  kate: 'catherine',
  katie: 'catherine',
  kit: 'christopher',
  maggie: 'margaret',
  peggy: 'margaret',
  meg: 'margaret',
  molly: 'mary',
  nell: 'eleanor',
  polly: 'mary',
  sally: 'sarah',
  sandy: 'alexander',
  alec: 'alexander',
  ted: 'edward',
  ned: 'edward',
  tony: 'anthony',
  toni: 'antonia',
  tina: 'christina',
  trish: 'patricia',
  mick: 'michael',
  mike: 'michael',
  hal: 'henry',
  nan: 'ann',
}

/** Whether one given name may be a short form or the initial of the other. */
export function mayBeOneGivenName(a: string, b: string): boolean {
  if (beginAlike(a, b)) return true
  const [one, other] = [plainName(a), plainName(b)]
  if (one.length === 1 || other.length === 1) return one[0] === other[0]
  const full = (name: string): string => shortForms[plainName(name)] ?? plainName(name)
  return full(a) !== '' && beginAlike(full(a), full(b))
}
