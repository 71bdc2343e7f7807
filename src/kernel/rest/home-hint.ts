import { randomUUID } from 'node:crypto'
import { personKey } from '../../base/id.ts'
import { sql } from '../../base/sql.ts'
import type { Context } from '../access/context.ts'
import { homeReferences } from '../search/home.ts'
import { key64 } from '../store/current.ts'
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
  const target = reference === undefined ? undefined : targetOf(reference)
  if (target === undefined) return { key: 0n }
  const rows = await ctx.store.database.read(
    sql`select person from res where rtype = ${target.rtype}::int2 and id = ${target.id}`,
    'home_hint',
  )
  return { key: rows[0] === undefined ? 0n : key64(rows[0], 'person') }
}
