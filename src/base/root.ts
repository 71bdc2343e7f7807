import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of Linchpin's package.json, whether this runs from `dist` or from a copy of it. */
export const packageRoot: string = findRoot(import.meta.dirname)

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('package.json not found above this file')
  return findRoot(parent)
}
