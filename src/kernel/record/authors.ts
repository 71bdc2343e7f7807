import type { FhirResource, HumanName } from 'fhir/r4.js'
import { sql } from '../../base/sql.ts'
import { typeName } from '../fhir/resource-types.ts'
import { isPersonScoped } from '../search/home.ts'
import { text, whole } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import { targetOf } from '../store/homing.ts'
import { int2Array, textArray } from '../store/wire.ts'

const decode = (body: string): FhirResource => JSON.parse(body) as FhirResource

/** A name in words: "Dr Jane Lee". */
function nameInWords(names: readonly HumanName[] | undefined): string {
  const name = names?.find((each) => each.use !== 'old') ?? names?.[0]
  if (name === undefined) return ''
  const parts = [...(name.prefix ?? []), ...(name.given ?? []).slice(0, 1), name.family ?? '']
  return parts.filter((part) => part !== '').join(' ') || (name.text ?? '')
}

function authorName(resource: FhirResource): string {
  switch (resource.resourceType) {
    case 'Practitioner':
    case 'Patient':
    case 'Person':
      return nameInWords(resource.name)
    case 'RelatedPerson': {
      const relation = resource.relationship?.[0]
      const word = relation?.text ?? relation?.coding?.[0]?.display ?? ''
      return [nameInWords(resource.name), word === '' ? '' : `(${word.toLowerCase()})`]
        .filter((each) => each !== '')
        .join(' ')
    }
    case 'PractitionerRole':
      return (
        resource.practitioner?.display ?? resource.code?.[0]?.text ?? resource.code?.[0]?.coding?.[0]?.display ?? ''
      )
    case 'Organization':
      return resource.name ?? ''
    case 'Device':
      return resource.deviceName?.[0]?.name ?? 'A device'
    default:
      return ''
  }
}

/** Names, in words, of the authors that rows refer to; what is no reference is a name already. */
export async function authorNames(
  connection: Pick<Connection, 'query'>,
  authors: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  const targets = [...new Set(authors)].flatMap((author) => {
    const target = targetOf(author)
    if (target === undefined) names.set(author, /^https?:|^urn:/.test(author) ? '' : author)
    return target === undefined ? [] : [target]
  })
  for (const table of ['shared', 'res'] as const) {
    const here = targets.filter((target) => isPersonScoped(typeName(target.rtype) ?? '') === (table === 'res'))
    if (here.length === 0) continue
    const keys = sql`unnest(${int2Array(here.map((each) => each.rtype))}::int2[], ${textArray(here.map((each) => each.id))}::text[]) k(rtype, id)`
    const from = table === 'res' ? sql`res` : sql`shared`
    const rows = await connection.query(
      sql`select r.rtype, r.id, r.body from ${keys} join ${from} r using (rtype, id)`,
      `authors_${table}`,
    )
    for (const row of rows)
      names.set(`${typeName(whole(row, 'rtype')) ?? ''}/${text(row, 'id')}`, authorName(decode(text(row, 'body'))))
  }
  return names
}
