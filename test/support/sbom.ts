import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/base/root.ts'

// Writes the bill of materials of what is shipped, as CycloneDX: `npm run sbom`.

const made = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'], {
  cwd: packageRoot,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
  maxBuffer: 64 * 2 ** 20,
})
// npm calls the root by the name of the folder it lies in.
const text = made.replace(/("bom-ref": "linchpin@[^}]*?"name": )"[^"]*"/, '$1"linchpin"')

// What a package is, its hash says; where it happened to be fetched from is nobody's business.
const hosts = [...text.matchAll(/https?:\/\/([^/"\s]+)/g)]
  .map((match) => match[1])
  .filter((host) => host !== 'cyclonedx.org')
if (hosts.length > 0) throw new Error(`The bill of materials names hosts: ${[...new Set(hosts)].join(', ')}`)

const file = join(packageRoot, 'dist', 'sbom.cdx.json')
mkdirSync(join(file, '..'), { recursive: true })
writeFileSync(file, text)
process.stdout.write(`Written: ${file}\n`)
