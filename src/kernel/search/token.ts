import { hash64 } from '../../base/hash.ts'

// The texts behind search tokens. Both sides make them here: the extractor when a resource is written, the query when it
// is searched. They are on disk: changing one means rebuilding every search column.

/** Names a parameter of a type inside tokens: `Observation.code`. */
export const parameterName = (type: string, code: string): string => `${type}.${code}`

/** Key of a parameter in the string and date side tables. */
export const parameterKey = (name: string): bigint => hash64(name)

/** A code with its system: `code=http://loinc.org|8480-6`. */
export const codeToken = (name: string, system: string, code: string): bigint => hash64(`${name}|${system}|${code}`)

/** A code whatever its system: `code=8480-6`. The only form of elements that have no system (code, boolean, ContactPoint). */
export const anySystemToken = (name: string, code: string): bigint => hash64(`${name}||${code}`)

/** A code that was sent without a system: `code=|8480-6`. */
export const noSystemToken = (name: string, code: string): bigint => hash64(`${name}|!|${code}`)

/**
 * A system whatever the code: `identifier=https://fhir.nhs.uk/Id/nhs-number|`. Made for identifiers only: for coded
 * elements nearly every row would match, so such a search is answered by reading the rows that its other parts leave.
 */
export const systemToken = (name: string, system: string): bigint => hash64(`${name}|${system}|`)

/** An identifier with its type: `identifier:of-type=system|code|value`. */
export const typedToken = (name: string, system: string, code: string, value: string): bigint =>
  hash64(`${name}:of-type|${system}|${code}|${value}`)

/** A word by its sound: `phonetic=smith`. */
export const soundToken = (name: string, sound: string): bigint => hash64(`${name}~${sound}`)

/** A literal reference: `Type/id` when relative, else the URL as it was sent. */
export const referenceToken = (name: string, target: string): bigint => hash64(`${name}>${target}`)

/** A logical reference: `patient:identifier=system|value`. */
export const identifierToken = (name: string, system: string, value: string): bigint =>
  hash64(`${name}:identifier|${system}|${value}`)

/** A logical reference whatever its system: `patient:identifier=value`. */
export const anyIdentifierToken = (name: string, value: string): bigint => hash64(`${name}:identifier||${value}`)

/** A URI or canonical. A canonical with a version is also indexed without it. */
export const uriToken = (name: string, uri: string): bigint => hash64(`${name}=${uri}`)

/** A main code in the `code` column of a row. */
export const codeKey = (system: string, code: string): bigint => hash64(`${system}|${code}`)

/** Whether a parameter has any value: `birthdate:missing=true`. */
export const presentToken = (name: string): bigint => hash64(`${name}:present`)

/** Unit of a quantity as its code with the system: `value-quantity=70.5|http://unitsofmeasure.org|kg`. */
export const codedUnit = (system: string, code: string): bigint => hash64(`${system}|${code}`)

/** Unit of a quantity as a text, be it code or display: `value-quantity=70.5||kg`. */
export const namedUnit = (unit: string): bigint => hash64(unit)

/** A parameter that has no value, where nearly every resource has one; see `presence.ts`. */
export const absentToken = (name: string): bigint => hash64(`${name}:absent`)

/** Keys of the two numbers of a position. */
export const latitudeKey = (name: string): bigint => hash64(`${name}$latitude`)
export const longitudeKey = (name: string): bigint => hash64(`${name}$longitude`)
