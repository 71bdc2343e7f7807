import { isObject } from '../../../base/json.ts'
import { sql } from '../../../base/sql.ts'
import { typeNumber } from '../../fhir/resource-types.ts'
import { systems } from '../../fhir/systems.ts'
import { text } from '../current.ts'
import type { Connection } from '../database.ts'
import { nameOf, type Operation } from '../operation.ts'
import { textArray } from '../wire.ts'

const organisationType = typeNumber('Organization') ?? 0

/** The ODS code among a resource's identifiers; empty when it has none. */
function odsCode(resource: Readonly<Record<string, unknown>>): string {
  const identifiers = Array.isArray(resource['identifier']) ? resource['identifier'] : []
  for (const each of identifiers)
    if (isObject(each) && each['system'] === systems.odsOrganisation && typeof each['value'] === 'string')
      return each['value']
  return ''
}

interface ManagedBy {
  readonly code: string
  readonly organisation: string
}

function managedBy(operation: Operation): ManagedBy {
  const managing = operation.draft?.resource['managingOrganization']
  if (!isObject(managing)) return { code: '', organisation: '' }
  const identifier = managing['identifier']
  const code = isObject(identifier) ? odsCode({ identifier: [identifier] }) : ''
  const reference = typeof managing['reference'] === 'string' ? managing['reference'] : ''
  return { code, organisation: reference.startsWith('Organization/') ? reference.slice('Organization/'.length) : '' }
}

/**
 * The ODS code of the organisation that sent each Patient: whoever submits it speaks for one, or the Patient names its
 * managing organisation. Empty when neither says.
 */
export async function sourceOfPatients(
  connection: Connection,
  operations: readonly Operation[],
  patients: readonly Operation[],
): Promise<Map<string, string>> {
  const batch = new Map(operations.map((each) => [nameOf(each.type, each.id), each]))
  const managed = new Map(patients.map((each) => [each.id, managedBy(each)]))
  const unknown = patients.flatMap((each) => {
    const by = managed.get(each.id)
    const settled = each.submission.source !== '' || by === undefined || by.code !== '' || by.organisation === ''
    return settled || batch.has(nameOf('Organization', by.organisation)) ? [] : [by.organisation]
  })
  const stored = await storedCodes(connection, [...new Set(unknown)])
  return new Map(
    patients.map((each) => {
      const by = managed.get(each.id)
      const inBatch = batch.get(nameOf('Organization', by?.organisation ?? ''))?.draft?.resource
      const code =
        by?.code || (inBatch === undefined ? '' : odsCode(inBatch)) || stored.get(by?.organisation ?? '') || ''
      return [each.id, each.submission.source || code]
    }),
  )
}

async function storedCodes(connection: Connection, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await connection.query(
    sql`select id, body from shared where rtype = ${organisationType}::int2 and id = any(${textArray(ids)}::text[])`,
    'organisation_codes',
  )
  return new Map(
    rows.map((row) => {
      const organisation: unknown = JSON.parse(text(row, 'body'))
      return [text(row, 'id'), isObject(organisation) ? odsCode(organisation) : '']
    }),
  )
}
