import type { CodeSystemConceptDesignation } from 'fhir/r4.js'
import type { Group, Member } from './code-source.ts'
import { type Concept, propertyText } from './concept.ts'
import type { Contains } from './expansion.ts'

/** What is shown of each code. */
export interface Shown {
  readonly designations: boolean
  /** Only designations of these languages or uses (`system|code`); all when empty. */
  readonly designationKinds: readonly string[]
  readonly definition: boolean
  readonly properties: readonly string[]
  /** Languages for the display, the most wanted first. */
  readonly languages: readonly string[]
}

/** A code of a system in memory, as an expansion shows it. */
export function listedEntry(
  { system, version }: Group & { readonly kind: 'listed' },
  member: Member,
  concept: Concept | undefined,
  shown: Shown,
): Contains {
  const display = displayIn(shown.languages, concept?.designations ?? []) ?? member.display ?? concept?.display
  const designation = shown.designations ? designationsOf(concept?.designations ?? [], shown.designationKinds) : []
  return {
    system,
    ...(version === '' ? {} : { version }),
    ...(concept?.abstract === true ? { abstract: true } : {}),
    ...(concept?.inactive === true ? { inactive: true } : {}),
    code: member.code,
    ...(display === undefined ? {} : { display }),
    ...(designation.length === 0 ? {} : { designation: [...designation] }),
    ...extensionsOf(concept === undefined ? [] : propertiesOf(concept, shown)),
  }
}

/** R5 shows properties in an expansion; this is its element as an extension, which is how R4 carries it. */
const propertyExtension = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property'

/** Properties of a code in the form that R4 has for them. */
export function extensionsOf(properties: readonly (readonly [code: string, value: string])[]) {
  if (properties.length === 0) return {}
  return {
    extension: properties.map(([code, valueString]) => ({
      url: propertyExtension,
      extension: [
        { url: 'code', valueCode: code },
        { url: 'value', valueString },
      ],
    })),
  }
}

const ownProperties: Readonly<Record<string, (concept: Concept) => readonly string[]>> = {
  definition: ({ definition }) => (definition === undefined ? [] : [definition]),
  parent: ({ parents }) => parents.map((each) => each.code),
  child: ({ children }) => children.map((each) => each.code),
  inactive: ({ inactive }) => [String(inactive)],
}

function propertiesOf(concept: Concept, { properties, definition }: Shown): readonly (readonly [string, string])[] {
  const wanted = new Set([...(definition ? ['definition'] : []), ...properties])
  return [...wanted].flatMap((name) =>
    (ownProperties[name]?.(concept) ?? concept.properties.filter((each) => each.code === name).map(propertyText)).map(
      (value) => [name, value] as const,
    ),
  )
}

/** Whether a designation is of one of the kinds: a language, or a use as `system|code`. */
function isOfKind({ language, use }: CodeSystemConceptDesignation, kinds: readonly string[]): boolean {
  if (kinds.length === 0) return true
  return kinds.some(
    (kind) =>
      isLanguage(language, kind.replace('urn:ietf:bcp:47|', '')) || kind === `${use?.system ?? ''}|${use?.code ?? ''}`,
  )
}

const designationsOf = (all: readonly CodeSystemConceptDesignation[], kinds: readonly string[]) =>
  all
    .filter((each) => isOfKind(each, kinds))
    .map(({ language, use, value }) => ({
      ...(language === undefined ? {} : { language }),
      ...(use === undefined ? {} : { use }),
      value,
    }))

/** `en-GB` is English. */
export const isLanguage = (language: string | undefined, wanted: string): boolean =>
  language !== undefined &&
  (language.toLowerCase() === wanted.toLowerCase() || language.toLowerCase().startsWith(`${wanted.toLowerCase()}-`))

/** The term in the most wanted language that there is one in. */
export function displayIn(
  languages: readonly string[],
  designations: readonly { readonly language?: string | undefined; readonly value: string }[],
): string | undefined {
  for (const wanted of languages) {
    const found = designations.find(({ language }) => isLanguage(language, wanted))
    if (found !== undefined) return found.value
  }
  return undefined
}
