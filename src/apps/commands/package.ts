import { cpSync, mkdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { problem } from '../../base/problem.ts'
import { Library } from '../../kernel/fhir/packages/library.ts'
import { loadPackages } from '../../kernel/fhir/packages/load-packages.ts'
import { type Command, exitStatus } from '../command.ts'
import { packagesFolder } from '../packages.ts'

/** `linchpin package add PATH…`: FHIR packages that resources are validated against. */
export const packageCommand: Command = {
  name: 'package',
  summary: 'Add FHIR packages to validate against',
  parameters: 'add PATH…',
  atLeast: 2,
  options: {},
  help: `Copies FHIR packages (folders, or .tgz files) under LINCHPIN_HOME. A server uses them from its next start; "linchpin validate"
at once. Says what is in them, which definitions occur twice, and which base definitions are missing.
Exit status 1 when something is missing. Example: linchpin package add ./fhir.r4.ukcore.stu3.current.tgz`,
  async run({ config, parameters: [verb, ...paths], print }) {
    if (verb !== 'add') throw problem('invalid', `Only "add" is known, not "${verb}"`)
    const { resources, warnings } = loadPackages(
      new Library(),
      paths.map((path) => resolve(path)),
    )
    if (resources === 0) throw problem('invalid', 'There are no conformance resources in what was given')
    mkdirSync(packagesFolder(config), { recursive: true })
    for (const path of paths)
      cpSync(resolve(path), join(packagesFolder(config), basename(resolve(path))), { recursive: true })
    for (const warning of warnings) print(warning)
    print(`Added ${resources} definitions`)
    return warnings.length > 0 ? exitStatus.partly : exitStatus.done
  },
}
