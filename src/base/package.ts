import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, parseJson } from './json.ts'
import { packageRoot } from './root.ts'

const manifest = parseJson(readFileSync(join(packageRoot, 'package.json'), 'utf8'), 'package.json')

function field(name: string): string {
  const value = isObject(manifest) ? manifest[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** Version of this Linchpin. */
export const packageVersion = field('version')
/** Day on which this version was made. */
export const releaseDate = field('releaseDate')
