/** Names of members whose value may be a reference to another entry of the Bundle (FHIR R4 http, transaction). */
const referring = /"(reference|url|uri|valueUri|valueUrl|valueCanonical)":"((?:[^"\\]|\\.)*)"/g

/** Replaces every reference to another entry by the id it is stored under. Works on compact text, so nothing else changes. */
export function rewriteReferences(text: string, targets: ReadonlyMap<string, string>): string {
  if (targets.size === 0) return text
  return text.replace(referring, (whole, name: string, value: string) => {
    const target = resolve(value, targets)
    return target === undefined ? whole : `"${name}":"${target}"`
  })
}

function resolve(value: string, targets: ReadonlyMap<string, string>): string | undefined {
  const target = targets.get(value)
  if (target !== undefined) return target
  const fragment = value.indexOf('#')
  const base = fragment > 0 ? targets.get(value.slice(0, fragment)) : undefined
  return base === undefined ? undefined : base + value.slice(fragment)
}

/** References that name their target by a search: `Patient?identifier=…`. */
export function conditionalReferences(text: string): string[] {
  const found = new Set<string>()
  for (const [, value = ''] of text.matchAll(/"reference":"([A-Z][A-Za-z]+\?(?:[^"\\]|\\.)*)"/g)) found.add(value)
  return [...found]
}

/** References to entries by `urn:` that the Bundle does not hold. */
export function danglingUrns(text: string, targets: ReadonlyMap<string, string>): string[] {
  const found: string[] = []
  for (const [, value = ''] of text.matchAll(/"reference":"(urn:(?:uuid|oid):[^"#\\]*)/g))
    if (!targets.has(value)) found.push(value)
  return found
}
