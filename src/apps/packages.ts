import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../base/log.ts'
import { Library } from '../kernel/fhir/packages/library.ts'
import { loadPackages } from '../kernel/fhir/packages/load-packages.ts'
import type { Config } from './config.ts'

/** Where `linchpin package add` puts packages. */
export const packagesFolder = (config: Config): string => join(config.home, 'packages')

/** The conformance resources of all packages: those that were added, and those of LINCHPIN_PACKAGES. */
export function packagesOf(config: Config, log: Log): Library {
  const library = new Library()
  const folder = packagesFolder(config)
  const added = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  const paths = [...added, ...config.packages]
  if (paths.length === 0) return library
  const { resources, warnings } = loadPackages(library, paths)
  for (const warning of warnings) log.warn({ warning }, 'A FHIR package is not whole')
  log.info({ packages: paths.length, resources }, 'Loaded FHIR packages')
  return library
}
