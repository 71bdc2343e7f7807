import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { totalmem, userInfo } from 'node:os'
import { join } from 'node:path'
import { giveTo } from './owner.ts'
import type { Place } from './place.ts'

/** Port number in the socket's file name. Nothing listens on a network port. */
export const socketPort = 5432

/** Role that Linchpin works as: owner of its database, not a superuser. */
export const applicationRole = 'linchpin'

/** Role that makes the database and nothing else. */
export const superuserRole = 'postgres'

/** Writes PostgreSQL's three configuration files, when they are not already so. */
export function writeSettings(place: Place, totalMemoryBytes: number = totalmem()): void {
  const files = {
    'postgresql.conf': serverSettings(totalMemoryBytes),
    // Peer: the operating system vouches for who is at the other end, so there is no password to keep or to lose.
    'pg_hba.conf': 'local all all peer map=linchpin\n',
    'pg_ident.conf': identityMap(place),
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(place.data, name)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    writeFileSync(path, text, { mode: 0o600 })
    giveTo(place.owner, path)
  }
}

function identityMap(place: Place): string {
  const users = new Set([userInfo().username, place.owner.name])
  return [...users]
    .flatMap((user) => [applicationRole, superuserRole].map((role) => `linchpin "${user}" ${role}\n`))
    .join('')
}

/** Durable (an answered commit survives a power cut) and otherwise as quick as that allows on a small machine. */
function serverSettings(totalMemoryBytes: number): string {
  const megabytes = Math.floor(totalMemoryBytes / 2 ** 20)
  const buffers = Math.min(256, Math.max(32, Math.floor(megabytes / 16)))
  return `# Written by Linchpin at each start. Put settings of your own in local.conf, one folder up.
cluster_name = 'linchpin'
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = ${buffers}MB
effective_cache_size = ${Math.max(64, Math.floor(megabytes / 2))}MB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = pglz
max_wal_size = 2GB
checkpoint_timeout = 15min
max_wal_senders = 0
max_locks_per_transaction = 256
deadlock_timeout = 200ms
random_page_cost = 1.1
jit = off
autovacuum = on
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, mdy'
default_text_search_config = 'pg_catalog.english'
# What people wrote stays out of the log: no statements, no parameters, no key values.
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_line_prefix = '%m [%p] '
include_if_exists = '../local.conf'
`
}
