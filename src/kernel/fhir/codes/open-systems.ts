import { UcumLhcUtils } from '@lhncbc/ucum-lhc'
import type { Membership } from './membership.ts'

const maxKept = 2000
const kept = new Map<string, Membership>()

/** Whether a text is a UCUM unit, by the UCUM library; answers are kept, since few units occur and parsing is slow. */
function isUcum(code: string): Membership {
  if (kept.has(code)) return kept.get(code)
  const { status } = UcumLhcUtils.getInstance().validateUnitString(code)
  const answer = status === 'valid' ? true : status === 'invalid' ? false : undefined
  if (kept.size >= maxKept) kept.clear()
  kept.set(code, answer)
  return answer
}

// RFC 6838 section 4.2 names, with the parameters of RFC 2045; R4 also uses bare families such as "text".
const mime = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+*-]{0,126}(?:\/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]{0,126})?(?:\s*;.*)?$/
// RFC 5646 section 2.1, well-formedness.
const language =
  /^(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*(?:-x(?:-[A-Za-z0-9]{1,8})+)?$/

const currencies = new Set(Intl.supportedValuesOf('currency'))
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** The English name of a country, by its two-letter code of ISO 3166; undefined for any other text. */
export const countryName = (code: string): string | undefined =>
  /^[A-Z]{2}$/.test(code) ? regions.of(code) : undefined

/** Code systems that are a grammar rather than a list. */
export const openSystems: Readonly<Record<string, (code: string) => Membership>> = {
  'urn:ietf:bcp:13': (code) => mime.test(code),
  'urn:ietf:bcp:47': (code) => language.test(code),
  'http://unitsofmeasure.org': isUcum,
  // The runtime knows the currencies and countries in use, not those of the past: absence proves nothing.
  'urn:iso:std:iso:4217': (code) => (currencies.has(code) ? true : /^[A-Z]{3}$/.test(code) ? undefined : false),
  'urn:iso:std:iso:3166': (code) => (countryName(code) === undefined ? undefined : true),
}
