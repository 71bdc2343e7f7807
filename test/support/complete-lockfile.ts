import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/base/root.ts'
import { type LockedPackage, type Lockfile, missingOptional } from './lockfile.ts'

// `npm run lockfile`, after `npm install`: npm leaves out of the lockfile what it could not look up, such as a
// development tool's programs for other operating systems on a registry that does not carry them; and `npm ci` then
// refuses the lockfile everywhere. The names say what they are for.

const path = join(packageRoot, 'package-lock.json')
const lockfile: Lockfile = JSON.parse(readFileSync(path, 'utf8'))
const missing = missingOptional(lockfile)
const packages = { ...lockfile.packages }
for (const { name, version, dev } of missing) packages[`node_modules/${name}`] = stub(name, version, dev)
const sorted = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify({ ...lockfile, packages: sorted }, null, 2)}\n`)
process.stdout.write(`${missing.length} packages for other platforms added to the lockfile\n`)

function stub(name: string, version: string, dev: boolean): LockedPackage {
  const words = name.split(/[/-]/)
  const os = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'].filter((word) => words.includes(word))
  const cpu = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'].filter((word) => words.includes(word))
  const libc = /musl/.test(name) ? ['musl'] : /gnu/.test(name) ? ['glibc'] : []
  return { version, cpu, ...(dev ? { dev } : {}), ...(libc.length > 0 ? { libc } : {}), optional: true, os }
}
