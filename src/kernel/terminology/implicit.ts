import type { ValueSet } from 'fhir/r4.js'
import { systems } from '../fhir/systems.ts'

/** A value set that has no resource: its URL says what is in it (FHIR R4, "Using SNOMED CT", "Using LOINC", "Using UCUM"). */
export function implicitValueSet(canonical: string): ValueSet | undefined {
  for (const make of makers) {
    const include = make(canonical)
    if (include !== undefined)
      return { resourceType: 'ValueSet', url: canonical, status: 'active', compose: { include: [include] } }
  }
  return undefined
}

type Include = NonNullable<ValueSet['compose']>['include'][number]

const makers: readonly ((url: string) => Include | undefined)[] = [snomed, loinc, ucum]

const withFilter = (system: string, property: string, op: 'is-a' | 'in' | '=' | 'exists', value: string): Include => ({
  system,
  filter: [{ property, op, value }],
})

/** `http://snomed.info/sct?fhir_vs`, also with an edition or version before the question mark. */
function snomed(url: string): Include | undefined {
  const found = /^(http:\/\/snomed\.info\/sct(?:\/\d+(?:\/version\/\d+)?)?)\?fhir_vs(?:=(.*))?$/s.exec(url)
  if (found === null) return undefined
  const [, edition = '', what = ''] = found
  const version = edition === systems.snomedCt ? {} : { version: edition }
  const [kind = '', ...rest] = decoded(what).split('/')
  const value = rest.join('/')
  const made =
    what === ''
      ? { system: systems.snomedCt }
      : kind === 'isa' && value !== ''
        ? withFilter(systems.snomedCt, 'concept', 'is-a', value)
        : kind === 'refset' && value !== ''
          ? withFilter(systems.snomedCt, 'concept', 'in', value)
          : kind === 'refset'
            ? withFilter(systems.snomedCt, 'refset', 'exists', 'true')
            : kind === 'ecl' && value !== ''
              ? withFilter(systems.snomedCt, 'constraint', '=', value)
              : undefined
  return made === undefined ? undefined : { ...made, ...version }
}

/** `http://loinc.org/vs` is all of LOINC, `http://loinc.org/vs/LP…` what is below a part, `…/LL…` an answer list. */
function loinc(url: string): Include | undefined {
  const found = /^http:\/\/loinc\.org\/vs(?:\/(LP[\d-]+|LL[\d-]+))?$/.exec(url)
  if (found === null) return undefined
  const [, part] = found
  if (part === undefined) return { system: systems.loinc }
  return part.startsWith('LP')
    ? withFilter(systems.loinc, 'ancestor', '=', part)
    : withFilter(systems.loinc, 'LIST', '=', part)
}

function ucum(url: string): Include | undefined {
  return url === 'http://unitsofmeasure.org/vs' ? { system: systems.ucum } : undefined
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
