import { main } from '../../src/apps/cli.ts'

// `linchpin` of the same build as the tests, for a process of its own: bin/linchpin.mjs always runs the one in `dist`.
process.exitCode = await main(process.argv.slice(2))
