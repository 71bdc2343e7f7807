import type { Clock } from '../../../base/clock.ts'
import { problem } from '../../../base/problem.ts'
import { sql } from '../../../base/sql.ts'
import { text, whole } from '../../store/current.ts'
import type { Connection, Database } from '../../store/database.ts'

/** Completes a release that is wholly read, lets it serve, and removes the one before. Answers how many concepts it has. */
export async function finish(database: Database, release: number, system: string, clock: Clock): Promise<number> {
  await nameConcepts(database, release)
  await closeHierarchy(database, release)
  const concepts = await database.transaction((connection) => serve(connection, release, system, clock))
  await removeOld(database)
  return concepts
}

const chunk = 20_000

/** A concept without a display gets its preferred term: a synonym before a fully specified name. */
async function nameConcepts(database: Database, release: number): Promise<void> {
  for (;;) {
    const rows = await database.transaction((connection) =>
      connection.query(
        sql`update term_concept c set display = coalesce((select d.value from term_designation d where d.concept = c.n
              order by (d.preferred and d.use <> '900000000000003001') desc, d.use = '900000000000003001', d.length, d.value limit 1), c.code)
            where c.n in (select n from term_concept where release = ${release}::int4 and display = '' limit ${chunk}) returning 1 as one`,
      ),
    )
    if (rows.length < chunk) return
  }
}

/**
 * The transitive closure, level by level from the top: a concept is ready when all above it are done. Each level is one
 * statement in the database, so it takes no memory here whatever the size, and goes on where it stopped.
 */
async function closeHierarchy(database: Database, release: number): Promise<void> {
  await database.transaction((connection) =>
    connection.query(
      sql`insert into term_closure (concept, release, ancestors) select c.n, c.release, '{}' from term_concept c
          where c.release = ${release}::int4 and not exists (select 1 from term_edge e where e.child = c.n) on conflict do nothing`,
    ),
  )
  for (;;) {
    const added = await database.transaction((connection) =>
      connection.query(
        sql`with ready as (select e.child, array_agg(e.parent) as parents from term_edge e left join term_closure p on p.concept = e.parent
              where e.release = ${release}::int4 and not exists (select 1 from term_closure d where d.concept = e.child)
              group by e.child having bool_and(p.concept is not null)),
            added as (insert into term_closure (concept, release, ancestors) select r.child, ${release}::int4,
                array(select distinct a from unnest(r.parents) q(parent) join term_closure p on p.concept = q.parent, unnest(p.ancestors || q.parent) a order by a)
              from ready r returning 1)
            select count(*)::int4 as n from added`,
      ),
    )
    if (whole(added[0] ?? {}, 'n') === 0) break
  }
  const [left] = await database.read(
    sql`select c.code from term_concept c where c.release = ${release}::int4 and not exists (select 1 from term_closure t where t.concept = c.n) order by c.code limit 1`,
  )
  if (left !== undefined)
    throw problem('rule', `The hierarchy goes in circles at code ${text(left, 'code')}: this release is not loaded`)
}

async function serve(connection: Connection, release: number, system: string, clock: Clock): Promise<number> {
  await connection.query(sql`update term_release set state = 'old' where system = ${system} and state = 'current'`)
  const [row] = await connection.query(
    sql`update term_release set state = 'current', finished = ${clock.now().toString()}::timestamptz,
          concepts = (select count(*) from term_concept where release = ${release}::int4) where release = ${release}::int4 returning concepts`,
  )
  return whole(row ?? {}, 'concepts')
}

/** What no longer serves goes in pieces: nobody waits for it, and a kill leaves it for the next load. */
async function removeOld(database: Database): Promise<void> {
  const old = await database.read(sql`select release from term_release where state = 'old'`)
  for (const row of old) {
    const release = whole(row, 'release')
    for (const remove of [
      sql`delete from term_designation where concept in (select concept from term_designation where release = ${release}::int4 limit ${chunk}) returning 1 as one`,
      sql`delete from term_property where ctid = any(array(select ctid from term_property where release = ${release}::int4 limit ${chunk})) returning 1 as one`,
      sql`delete from term_closure where concept in (select concept from term_closure where release = ${release}::int4 limit ${chunk}) returning 1 as one`,
      sql`delete from term_edge where (child, parent) in (select child, parent from term_edge where release = ${release}::int4 limit ${chunk}) returning 1 as one`,
      sql`delete from term_member where (refset, member) in (select refset, member from term_member where release = ${release}::int4 limit ${chunk}) returning 1 as one`,
      sql`delete from term_concept where n in (select n from term_concept where release = ${release}::int4 limit ${chunk}) returning 1 as one`,
    ])
      while ((await database.transaction((connection) => connection.query(remove))).length > 0);
    await database.transaction((connection) =>
      connection.query(sql`delete from term_release where release = ${release}::int4`),
    )
  }
  await database.transaction((connection) =>
    connection.query(
      sql`delete from term_stage where release in (select release from term_release where state <> 'loading') or release not in (select release from term_release)`,
    ),
  )
}
