import { resourceTypeNames, typeNumber } from '../fhir/resource-types.ts'
import { indexedParametersOf } from '../search/parameters.ts'
import { parameterName, referenceToken } from '../search/token.ts'

const literal = /"reference":"([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?"/g

/** `Type/id` of every relative reference in a resource's compact text, wherever it stands. */
export function localReferences(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  if (!text.includes('"reference":"')) return names
  for (const [, type = '', id = ''] of text.matchAll(literal))
    if (typeNumber(type) !== undefined) names.add(`${type}/${id}`)
  return names
}

/** Token of a reference that no search parameter reaches, so that whoever deletes its target finds it. */
export const otherReferenceToken = (name: string): bigint => referenceToken('_reference', name)

/** Every token under which a row may refer to a resource: one for each reference parameter, and the one above. */
export function referrerTokens(name: string): readonly bigint[] {
  return [...referenceParameters().map((parameter) => referenceToken(parameter, name)), otherReferenceToken(name)]
}

let parameters: readonly string[] | undefined

/** Names of all parameters with reference tokens. A reference may point to more types than R4 lists for it. */
function referenceParameters(): readonly string[] {
  parameters ??= resourceTypeNames.flatMap((type) =>
    indexedParametersOf(type)
      .filter(({ definition }) => definition.type === 'reference')
      .map(({ definition }) => parameterName(type, definition.code)),
  )
  return parameters
}
