import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, parseJson } from './json.ts'
import { packageRoot } from './root.ts'

const manifest = parseJson(readFileSync(join(packageRoot, 'package.json'), 'utf8'), 'package.json')
const field = (name: string): string => (isObject(manifest) ? String(manifest[name] ?? '') : '')

/** Version of this Linchpin. */
export const packageVersion = field('version')
/** Day on which this version was made. */
export const releaseDate = field('releaseDate')
