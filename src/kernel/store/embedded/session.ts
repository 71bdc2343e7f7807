import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { firstStatements } from './program.ts'
import { applicationRole, socketPort, superuserRole } from './settings.ts'

/** A name for the sessions of one user of the server, unlike any other's, in another container too. */
export const newApplicationName = (): string => `linchpin-${process.pid}-${randomUUID().slice(0, 8)}`

/** Where a server is, and the name to give there. */
export interface Door {
  readonly socketFolder: string
  readonly applicationName: string
}

/** A connection string over the socket, for `pg` and libpq alike. */
export function address({ socketFolder, applicationName }: Door, role: string, database: string): string {
  const options = new URLSearchParams({
    host: socketFolder,
    port: String(socketPort),
    user: role,
    application_name: applicationName,
  })
  return `postgresql:///${database}?${options.toString()}`
}

/**
 * Opens a session as the superuser, waiting while the server starts or recovers. `failure` is asked between attempts:
 * what it answers is thrown.
 */
export async function openSession(door: Door, failure: () => Promise<Error | undefined>): Promise<Client> {
  for (;;) {
    const client = new Client({ connectionString: address(door, superuserRole, 'postgres') })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (cause) {
      // Not ended: the server has hung up already, and `end` would then wait for it for ever.
      const reason = await failure()
      if (reason !== undefined) throw reason
      if (!isPassing(cause)) throw cause
    }
    await sleep(10)
  }
}

/** Makes Linchpin's role and database where they are missing: a start may have been cut off before it did. */
export async function ensureDatabase(session: Client): Promise<void> {
  const { rows } = await session.query<{ roles: boolean; databases: boolean }>(
    `select exists (select from pg_roles where rolname = $1) as roles,
            exists (select from pg_database where datname = $1) as databases`,
    [applicationRole],
  )
  if (rows[0]?.roles !== true) await session.query(firstStatements.role)
  if (rows[0]?.databases !== true) await session.query(firstStatements.database)
}

/** Whether any other user of the server, in this process or another, has sessions on it. */
export async function othersArePresent(session: Client, { applicationName }: Door): Promise<boolean> {
  const { rows } = await session.query<{ others: boolean }>(
    `select exists (select from pg_stat_activity
       where backend_type = 'client backend' and application_name like 'linchpin-%' and application_name <> $1) as others`,
    [applicationName],
  )
  return rows[0]?.others === true
}

/** Errors that end by themselves: not listening yet, starting up or shutting down, out of sessions, cut off. */
function isPassing(cause: unknown): boolean {
  if (cause instanceof DatabaseError) return ['57P03', '57P01', '57P02', '53300'].includes(cause.code ?? '')
  if (!(cause instanceof Error)) return false
  const code = 'code' in cause ? cause.code : undefined
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE' || isCutOff(cause)
}

const isCutOff = (cause: Error): boolean => /terminated unexpectedly/.test(cause.message)
