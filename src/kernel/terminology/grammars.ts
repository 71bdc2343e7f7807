import ucumLibrary from '@lhncbc/ucum-lhc'
import { systems } from '../fhir/systems.ts'
import { canonicalUnit } from '../search/ucum.ts'
import type { GrammarSystem } from './code-source.ts'

// RFC 6838 section 4.2 names with the parameters of RFC 2045; FHIR R4 also uses bare families such as "text".
const mime = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+*-]{0,126}(?:\/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]{0,126})?(?:\s*;.*)?$/s

/** Whether a text is a well-formed language tag, by the rules of BCP 47 that the runtime keeps. */
function isLanguageTag(code: string): boolean {
  if (code.length > 100) return false
  try {
    return Intl.getCanonicalLocales(code).length === 1
  } catch {
    return false
  }
}

/** Whether a text is a UCUM unit. The library also guesses what may have been meant: a guess is no unit. */
function isUnit(code: string): boolean {
  if (code.length > 60) return false
  const { unit, retMsg } = ucumLibrary.UcumLhcUtils.getInstance().getSpecifiedUnit(code, 'validate')
  return unit !== null && retMsg.length === 0
}

/** The filter of FHIR R4, "Using UCUM": units that can be converted into a given one. */
function unitFilter(property: string, op: string, value: string): ((code: string) => boolean) | undefined {
  if (property !== 'canonical' || op !== '=') return undefined
  const wanted = canonicalUnit(value)?.key
  return (code) => wanted !== undefined && canonicalUnit(code)?.key === wanted
}

const grammar = (url: string, name: string, accepts: (code: string) => boolean): GrammarSystem => ({
  kind: 'grammar',
  url,
  version: '',
  name,
  accepts,
  display: () => undefined,
})

/** Code systems that are a grammar rather than a list, by URL. */
export const grammars: Readonly<Record<string, GrammarSystem>> = {
  [systems.ucum]: { ...grammar(systems.ucum, 'UCUM', isUnit), filter: unitFilter },
  'urn:ietf:bcp:13': grammar('urn:ietf:bcp:13', 'Media types (BCP 13)', (code) => mime.test(code)),
  'urn:ietf:bcp:47': grammar('urn:ietf:bcp:47', 'Language tags (BCP 47)', isLanguageTag),
}
