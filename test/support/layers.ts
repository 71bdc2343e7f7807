import { posix } from 'node:path'

/** The folders of `src` and what each may import: the arrows of docs/architecture.md. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: ['base'],
  kernel: ['kernel', 'base'],
  ui: ['ui', 'base'],
  adapters: ['adapters', 'kernel', 'base'],
  synth: ['synth', 'kernel', 'base'],
  platform: ['platform', 'kernel', 'ui', 'base'],
  capabilities: ['capabilities', 'platform', 'kernel', 'ui', 'base'],
  apps: ['apps', 'capabilities', 'platform', 'adapters', 'synth', 'kernel', 'ui', 'base'],
}

const maximumLines = 300

interface Ban {
  readonly pattern: RegExp
  readonly allowed: (path: string) => boolean
  readonly reason: string
}

const bans: readonly Ban[] = [
  {
    pattern: /\bprocess\.env\b/,
    allowed: (path) => path === 'src/apps/config.ts' || isTest(path),
    reason: 'reads process.env; only src/apps/config.ts may',
  },
  {
    pattern: /\bnew Date\(\)|\bDate\.now\(|\bTemporal\.Now\b/,
    allowed: (path) => path === 'src/base/clock.ts' || isTest(path),
    reason: 'asks the time; only src/base/clock.ts may',
  },
  { pattern: /^export default\b/m, allowed: () => false, reason: 'has a default export' },
  {
    pattern: /\bsql`/,
    allowed: (path) =>
      /^src\/(kernel|base)\//.test(path) || /^src\/capabilities\/[^/]+\/(views|measures)\.ts$/.test(path),
    reason: 'writes SQL; only the kernel and a capability’s views.ts and measures.ts may',
  },
]

/** Everything in one source file that the house rules on structure forbid, each as a sentence. */
export function layerFaults(path: string, text: string): readonly string[] {
  const faults: string[] = []
  const lines = text.trimEnd().split('\n').length
  if (lines > maximumLines) faults.push(`${path} has ${lines} lines; ${maximumLines} are allowed`)
  if (/^index\.tsx?$/.test(posix.basename(path))) faults.push(`${path} is an index file`)
  for (const { pattern, allowed, reason } of bans)
    if (!allowed(path) && pattern.test(text)) faults.push(`${path} ${reason}`)
  const layer = layerOf(path)
  if (layer === undefined || layers[layer] === undefined) return [...faults, `${path} is in none of the layers`]
  for (const imported of importsOf(path, text)) {
    const reason = whyNot(path, layer, imported)
    if (reason !== undefined) faults.push(`${path} imports ${imported}: ${reason}`)
  }
  return faults
}

function whyNot(path: string, layer: string, imported: string): string | undefined {
  if (imported.startsWith('test/')) return isTest(path) ? undefined : 'only tests may use test/'
  const target = layerOf(imported)
  if (target === undefined) return 'it is outside src'
  if (layers[layer]?.includes(target) !== true) return `${layer} may not import ${target}`
  const mine = capabilityOf(path)
  const theirs = capabilityOf(imported)
  if (mine !== undefined && theirs !== undefined && mine !== theirs) return 'capabilities do not import each other'
  return undefined
}

/** Paths, from the root of the repository, of the files of ours that a file imports. */
function importsOf(path: string, text: string): readonly string[] {
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*(['"])(\.[^'"\n]*)\1/g)]
  return specifiers.map((match) => posix.join(posix.dirname(path), match[2] ?? ''))
}

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path)
const layerOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1]
const capabilityOf = (path: string): string | undefined => /^src\/capabilities\/([^/]+)\//.exec(path)?.[1]
