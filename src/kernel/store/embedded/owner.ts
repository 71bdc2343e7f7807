import { lchownSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { problem } from '../../../base/problem.ts'

/** The operating system user that PostgreSQL runs as. */
export interface Owner {
  readonly uid: number
  readonly gid: number
  readonly name: string
  /** True when it is not the user we are ourselves, so that programs are started with this uid and files given to it. */
  readonly dropped: boolean
}

/** Whether we are root, as whom PostgreSQL refuses to run. */
export const isRoot = (): boolean => process.getuid?.() === 0

/**
 * Decides who PostgreSQL runs as. Root steps down: to the owner of an existing data folder, else to `nobody`, which
 * every system has. Anyone else stays who they are.
 */
export function chooseOwner(existingData: string | undefined): Owner {
  if (!isRoot()) return ourselves(existingData)
  const held = existingData === undefined ? undefined : statSync(existingData)
  const users = readUsers()
  const user =
    held === undefined || held.uid === 0
      ? (users.find(({ name }) => name === 'nobody') ?? users.find(({ uid }) => uid === 65534))
      : users.find(({ uid }) => uid === held.uid)
  if (user === undefined) {
    const who = held === undefined || held.uid === 0 ? 'called nobody' : `number ${held.uid}`
    throw problem('unavailable', `PostgreSQL cannot run as root and there is no user ${who} to run it. Add that user.`)
  }
  return { ...user, dropped: true }
}

/** Gives a file or folder, and all in it, to PostgreSQL's user. */
export function giveTo(owner: Owner, path: string): void {
  if (!owner.dropped) return
  lchownSync(path, owner.uid, owner.gid)
  if (!lstatSync(path).isDirectory()) return
  for (const name of readdirSync(path)) giveTo(owner, join(path, name))
}

/** The first folder on the way to `path`, itself included, that the owner may not pass through. */
export function blockedAt(path: string, owner: Owner): string | undefined {
  const parent = dirname(path)
  const above = parent === path ? undefined : blockedAt(parent, owner)
  if (above !== undefined) return above
  const folder = statSync(path)
  const bit = folder.uid === owner.uid ? 0o100 : folder.gid === owner.gid ? 0o010 : 0o001
  return (folder.mode & bit) === 0 ? path : undefined
}

function ourselves(existingData: string | undefined): Owner {
  const uid = process.getuid?.() ?? -1
  const gid = process.getgid?.() ?? -1
  if (existingData !== undefined && statSync(existingData).uid !== uid) {
    const whose = `belongs to user number ${statSync(existingData).uid}, and this is user number ${uid}`
    throw problem('unavailable', `The database in ${existingData} ${whose}. Run Linchpin as its owner or as root.`)
  }
  try {
    return { uid, gid, name: userInfo().username, dropped: false }
  } catch (cause) {
    const advice = 'Add the user to /etc/passwd, run as another user, or set DATABASE_URL.'
    throw problem('unavailable', `PostgreSQL needs a named user and user number ${uid} has no name. ${advice}`, {
      cause,
    })
  }
}

interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

function readUsers(): readonly User[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name === undefined || uid === undefined || gid === undefined
      ? []
      : [{ name, uid: Number(uid), gid: Number(gid) }]
  })
}
