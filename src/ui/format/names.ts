import type { HumanName } from 'fhir/r4.js'

const noName = 'Name not known'

/** The name to use now: official before usual before any other, never an old one if there is a newer. */
export function currentName(names: readonly HumanName[] | undefined): HumanName | undefined {
  const order = ['official', 'usual', undefined, 'nickname', 'temp', 'anonymous', 'maiden', 'old']
  const current = (names ?? []).filter((name) => name.period?.end === undefined)
  const pool = current.length > 0 ? current : (names ?? [])
  return [...pool].sort((a, b) => order.indexOf(a.use) - order.indexOf(b.use))[0]
}

/** "FAMILY, Given (Title)" for staff shells; a name of one part stands alone. */
export function staffName(names: readonly HumanName[] | undefined): string {
  const name = currentName(names)
  if (name === undefined) return noName
  const given = (name.given ?? []).join(' ')
  const title = (name.prefix ?? []).join(' ')
  const family = name.family?.toLocaleUpperCase('en-GB') ?? ''
  if (family === '' && given === '') return name.text ?? noName
  const parts = [family, given].filter((part) => part !== '').join(', ')
  return title === '' ? parts : `${parts} (${title})`
}

/** "Given Family", as people say it. */
export function plainName(names: readonly HumanName[] | undefined): string {
  const name = currentName(names)
  if (name === undefined) return noName
  const parts = [...(name.given ?? []).slice(0, 1), name.family ?? ''].filter((part) => part !== '')
  return parts.length === 0 ? (name.text ?? noName) : parts.join(' ')
}

/** The first given name, for "Amir's medicines"; the whole name when there is none. */
export function givenName(names: readonly HumanName[] | undefined): string {
  return currentName(names)?.given?.[0] ?? plainName(names)
}

/** "Amir's", "James's". */
export const possessive = (name: string): string => `${name}’s`
