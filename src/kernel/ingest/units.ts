import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { problem } from '../../base/problem.ts'

/** A piece of input that one worker reads from its start to its end. */
export interface Unit {
  readonly path: string
  readonly form: 'json' | 'ndjson'
  readonly gzip: boolean
  /** Bytes of the file: all of it, or for a large NDJSON file a part. Lines that begin inside belong to it. */
  readonly start: number
  readonly end: number
}

/** A large NDJSON file is read in parts of this size, so that all workers have something to do. */
const partBytes = 32 * 1024 * 1024

const forms: Readonly<Record<string, Unit['form']>> = { json: 'json', ndjson: 'ndjson', jsonl: 'ndjson' }

/** The units of some paths: files as they are, folders with everything below them. Other files are passed by. */
export function unitsOf(paths: readonly string[]): Unit[] {
  const files = paths.flatMap((path) => filesAt(path, true))
  return files.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).flatMap(partsOf)
}

function filesAt(path: string, named: boolean): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw problem('not-found', `There is no file or folder ${path}`)
  if (!stat.isDirectory()) {
    if (formOf(path) !== undefined) return [path]
    if (named) throw problem('invalid', `${path} is none of .json, .ndjson, .jsonl, with or without .gz`)
    return []
  }
  return readdirSync(path)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => filesAt(join(path, name), false))
}

const formOf = (path: string): Unit['form'] | undefined =>
  forms[path.replace(/\.gz$/, '').split('.').at(-1)?.toLowerCase() ?? '']

/** Who is spoken of comes before what is said of them: fewer rows have to wait for their person. */
function rank(path: string): number {
  const name = basename(path)
  if (/^(hospital|Organization|Practitioner|Location)/i.test(name)) return 0
  return /^Patient\b/i.test(name) ? 1 : 2
}

function partsOf(path: string): Unit[] {
  const size = statSync(path).size
  const gzip = path.endsWith('.gz')
  const form = formOf(path) ?? 'json'
  if (form === 'json' || gzip) return [{ path, form, gzip, start: 0, end: size }]
  const units: Unit[] = []
  for (let start = 0; start < size; start += partBytes)
    units.push({ path, form, gzip, start, end: Math.min(start + partBytes, size) })
  return units
}
