import { randomUUID } from 'node:crypto'
import { personKey } from '../../base/id.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { homeReferences } from '../search/home.ts'
import { key64 } from '../store/current.ts'
import type { Connection } from '../store/database.ts'
import type { Draft } from '../store/draft.ts'
import { targetOf } from '../store/homing.ts'

/** The person key a new id should carry. Only a hint for routing: the commit decides whose row it is. */
export interface HomeHint {
  readonly key: bigint
  /** For a Patient: the id its golden Person gets if it is of someone new. */
  readonly person?: string
}

/** Looks up where a new resource will probably live. */
export async function homeHint(ctx: Context, draft: Draft): Promise<HomeHint> {
  if (draft.type === 'Patient') {
    const person = randomUUID()
    return { key: personKey(person), person }
  }
  const [reference] = homeReferences(draft.resource)
  return { key: await keyOf(ctx.store.database.reading, reference) }
}

/** The hint for the new resources of a Bundle that brings no Patient of its own: where the first Patient named in it lives. */
export function bundleHint(connection: Pick<Connection, 'query'>, resources: readonly string[]): Promise<bigint> {
  const named = resources.map((text) => /"reference":"(Patient\/[A-Za-z0-9\-.]{1,64})"/.exec(text)?.[1])
  return keyOf(
    connection,
    named.find((reference) => reference !== undefined),
  )
}

async function keyOf(connection: Pick<Connection, 'query'>, reference: string | undefined): Promise<bigint> {
  const target = reference === undefined ? undefined : targetOf(reference)
  if (target === undefined) return 0n
  const rows = await connection.query(
    sql`select person from res where rtype = ${target.rtype}::int2 and id = ${target.id}`,
    'home_hint',
  )
  return rows[0] === undefined ? 0n : key64(rows[0], 'person')
}
