import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'

/**
 * A hash of what schema `public` is made of: tables, columns, indexes and constraints. The same on PostgreSQL 15 and
 * 18. Left out: what extensions own, the migration table itself, and the tables of live views (`view_…`), which come
 * and go with their definitions.
 */
export async function schemaFingerprint(client: ClientBase): Promise<string> {
  const hash = createHash('sha256')
  for (const line of await schemaLines(client)) hash.update(`${line}\n`)
  return hash.digest('hex')
}

/** One line for each thing the fingerprint covers, in a fixed order. */
async function schemaLines(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ line: string }>(schemaQuery)
  return rows.map(({ line }) => line)
}

// Not-null constraints are rows of pg_constraint from version 18 on; the column says it already.
const schemaQuery = `
with tables as (
  select c.oid, c.relname, c.relkind, c.relpersistence
    from pg_class c
   where c.relnamespace = 'public'::regnamespace
     and c.relkind in ('r', 'p', 'v', 'm')
     and c.relname <> 'linchpin_migration'
     and c.relname !~ '^view_'
     and not exists (select from pg_depend d
                      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))
select line collate "C" as line from (
  select concat_ws(' ', 'table', relname, relkind, relpersistence) as line from tables
  union all
  select concat_ws(' ', 'column', t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   'not-null', a.attnotnull, 'identity', a.attidentity, 'generated', a.attgenerated,
                   'collation', o.collname, 'default', pg_get_expr(d.adbin, d.adrelid))
    from tables t
    join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_collation o on o.oid = a.attcollation
  union all
  select concat_ws(' ', 'index', t.relname, pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid)
    from tables t join pg_index i on i.indrelid = t.oid
  union all
  select concat_ws(' ', 'constraint', t.relname, c.conname, pg_get_constraintdef(c.oid))
    from tables t join pg_constraint c on c.conrelid = t.oid and c.contype <> 'n'
) everything order by 1`
