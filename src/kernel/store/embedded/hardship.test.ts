import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  dataOf,
  isRefused,
  silentLog as log,
  newHome,
  query,
  queryWhenBack,
  startElsewhere,
  stopElsewhere,
  usedHome,
} from '../../../../test/support/embedded.ts'
import { findBinaries } from './binaries.ts'
import { blockedAt, isRoot } from './owner.ts'
import { readPostmaster } from './postmaster.ts'
import { startEmbedded } from './server.ts'

// What can only be tried as root: other users, folders that are closed to them, and disks of a chosen size.

const nobody = { uid: 65534, gid: 65534 }

function needsRoot(t: TestContext): boolean {
  if (isRoot()) return true
  t.skip('SKIPPED: only root can try this')
  return false
}

/** Mounts a small disk at a path, or skips the test where that is not allowed. */
function smallDisk(t: TestContext, path: string, megabytes: number): boolean {
  mkdirSync(path, { recursive: true, mode: 0o711 })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'tmpfs', path])
  if (mounted.status !== 0) {
    t.skip('SKIPPED: this machine does not allow a small disk to be mounted')
    return false
  }
  t.after(() => void spawnSync('umount', ['-l', path]))
  return true
}

test('an ordinary user who may not write to the installed package runs it as themselves', async (t) => {
  if (!needsRoot(t)) return
  const closed = blockedAt(findBinaries().folder, { ...nobody, name: 'nobody', dropped: true })
  if (closed !== undefined) return t.skip(`SKIPPED: other users may not enter ${closed}`)
  const home = newHome()
  mkdirSync(home, { mode: 0o700 })
  chownSync(home, nobody.uid, nobody.gid)
  const server = await startElsewhere(home, nobody)
  assert.match(server.said, / true$/)
  assert.equal(statSync(dataOf(home)).uid, nobody.uid)
  await stopElsewhere(server)
  assert.equal(readPostmaster(dataOf(home)), undefined)
})

test('root steps down to the owner of an existing database', async (t) => {
  if (!needsRoot(t)) return
  const home = await usedHome()
  for (const path of ['data', 'socket', 'postgres.log']) spawnSync('chown', ['-R', '1:1', join(home, 'postgres', path)])
  const server = await startEmbedded(home, log)
  assert.equal(statSync(join(dataOf(home), 'postmaster.pid')).uid, 1)
  await server.stop()
})

test('a database that root restored from a copy is given to the user that runs it', async (t) => {
  if (!needsRoot(t)) return
  const home = await usedHome()
  spawnSync('chown', ['-R', '0:0', home])
  const server = await startEmbedded(home, log)
  assert.deepEqual(await query(server.url, 'select 1 as one'), [{ one: 1 }])
  await server.stop()
})

test('a user without a name is told so', async (t) => {
  if (!needsRoot(t)) return
  const home = newHome()
  mkdirSync(home)
  chownSync(home, 54_321, 54_321)
  const { said } = await startElsewhere(home, { uid: 54_321, gid: 54_321 })
  assert.match(said, /failed: PostgreSQL needs a named user and user number 54321 has no name/)
})

test("another user's database is refused in one sentence", async (t) => {
  if (!needsRoot(t)) return
  const home = await usedHome()
  const { said } = await startElsewhere(home, { uid: 1, gid: 1 })
  assert.match(said, /failed: .*(belongs to user number 65534, and this is user number 1|may not be written)/)
})

test('in a folder that only root may enter, such as /root, the database is kept elsewhere and found again', async (t) => {
  if (!needsRoot(t)) return
  const home = join(newHome(), 'inside')
  mkdirSync(home, { recursive: true })
  chmodSync(dirname(home), 0o700)
  const first = await startEmbedded(home, log)
  const elsewhere = readFileSync(join(home, 'postgres-folder'), 'utf8').trim()
  t.after(() => rmSync(elsewhere, { recursive: true, force: true }))
  await query(first.url, 'create table kept as select 42 as answer')
  await first.stop()
  const second = await startEmbedded(home, log)
  assert.deepEqual(await query(second.url, 'select answer from kept'), [{ answer: 42 }])
  await second.stop()
  rmSync(elsewhere, { recursive: true })
  await isRefused(startEmbedded(home, log), /says the database is in .*, and that folder is not there/)
})

test('a disk too small for a first start: one sentence, and nothing half made', async (t) => {
  const home = newHome()
  if (!needsRoot(t) || !smallDisk(t, home, 20)) return
  await isRefused(startEmbedded(home, log), /The disk that holds .* is full. Free some space/)
  assert.equal(existsSync(join(home, 'postgres', 'data.unfinished')), false)
})

test('a disk that is full at a later start: one sentence, and all is there once it has room', async (t) => {
  const home = newHome()
  if (!needsRoot(t) || !smallDisk(t, home, 100)) return
  const first = await startEmbedded(home, log)
  await query(first.url, 'create table kept as select 42 as answer')
  await first.stop()
  spawnSync('dd', ['if=/dev/zero', `of=${join(home, 'filler')}`, 'bs=4k'])
  await isRefused(startEmbedded(home, log), /The disk that holds .* is full/)
  rmSync(join(home, 'filler'))
  const second = await startEmbedded(home, log)
  assert.deepEqual(await query(second.url, 'select answer from kept'), [{ answer: 42 }])
  await second.stop()
})

test('a disk that fills up while it runs: writes fail, what was committed stays, and room brings it back', async (t) => {
  const home = newHome()
  if (!needsRoot(t) || !smallDisk(t, home, 100)) return
  const server = await startEmbedded(home, log)
  await query(server.url, 'create table kept as select 42 as answer')
  writeFileSync(join(home, 'filler'), '')
  spawnSync('dd', ['if=/dev/zero', `of=${join(home, 'filler')}`, 'bs=4k'])
  await assert.rejects(
    query(server.url, `create table much as select repeat('x', 1000) from generate_series(1, 100000)`),
  )
  rmSync(join(home, 'filler'))
  assert.deepEqual(await queryWhenBack(server.url, 'select answer from kept'), [{ answer: 42 }])
  await query(server.url, 'insert into kept values (43)')
  await server.stop()
})
