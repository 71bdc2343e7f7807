#!/usr/bin/env node
// Runs on any Node from version 20 on, to find the Node that Linchpin needs and go on with that one.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const neededMajor = 26
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const program = join(root, 'dist', 'src', 'apps', 'cli.js')

const fail = (sentence) => {
  process.stderr.write(`linchpin: ${sentence}\n`)
  process.exit(3)
}

/** The Node that npm installed beside us, if there is one for this machine. */
function installedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  try {
    const description = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`)
    return join(dirname(description), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return undefined
  }
}

/** Goes on in another Node, as if it were this one: same streams, signals handed on, same end. */
function continueIn(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends SIGINT to both of us; the child decides what it means, and we wait for it.
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
  }
  child.on('error', (error) => fail(`Node ${neededMajor} at ${node} cannot be run: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}

/** Builds from the sources, where there are the means to. */
function build() {
  if (!existsSync(join(root, 'node_modules', 'typescript'))) {
    fail('it has not been built. Run "npm ci" and "npm run build" in its folder.')
  }
  const windows = process.platform === 'win32'
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows,
  })
  if (status !== 0) fail('it does not build. Run "npm run build" in its folder to see why.')
}

if (Number.parseInt(process.versions.node, 10) < neededMajor) {
  const node = installedNode()
  if (node === undefined || !existsSync(node)) {
    const machine = `${process.platform}-${process.arch}`
    fail(
      `Linchpin needs Node ${neededMajor}; this is ${process.versions.node}, and npm has none for ${machine}. Install it.`,
    )
  }
  continueIn(node)
} else {
  // React renders five times slower in any other mode.
  process.env.NODE_ENV ??= 'production'
  // `npm start` asks for it here and not with `&&`, which would leave a shell in between that hands no signals on.
  const asked = process.argv[2] === '--build'
  if (asked || !existsSync(program)) build()
  const { main } = await import(pathToFileURL(program).href)
  process.exitCode = await main(process.argv.slice(asked ? 3 : 2))
}
