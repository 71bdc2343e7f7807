import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { chooseOwner, giveTo } from '../../src/kernel/store/embedded/owner.ts'

/** A PostgreSQL of another version, made for one run of the tests. */
export interface OtherServer {
  readonly url: string
  stop(): Promise<void>
}

/** Makes a cluster with the programs of a folder such as `/usr/lib/postgresql/15/bin`, and starts it. */
export async function startOtherServer(programs: string): Promise<OtherServer> {
  const owner = chooseOwner(undefined)
  const identity = owner.dropped ? { uid: owner.uid, gid: owner.gid } : {}
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-other-'))
  chmodSync(folder, 0o711)
  giveTo(owner, folder)
  const data = join(folder, 'data')
  const initdb = ['-D', data, '-U', 'linchpin', '-E', 'UTF8', '--no-locale', '-A', 'trust', '-N']
  const made = spawnSync(join(programs, 'initdb'), initdb, { ...identity, cwd: '/', encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const options = [
    '-D',
    data,
    '-k',
    folder,
    '-c',
    'listen_addresses=',
    '-c',
    'fsync=off',
    '-c',
    'deadlock_timeout=200ms',
  ]
  const more = ['-c', 'max_locks_per_transaction=256']
  const server = spawn(join(programs, 'postgres'), [...options, ...more], { ...identity, cwd: '/', stdio: 'ignore' })
  const url = `postgresql:///postgres?host=${encodeURIComponent(folder)}&user=linchpin`
  await ready(url)
  return {
    url,
    async stop() {
      server.kill('SIGQUIT')
      await once(server, 'exit')
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}

async function ready(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (cause) {
      if (attempt === 200) throw cause
      await sleep(50)
    }
  }
}
