import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { Problem } from '../base/problem.ts'
import { readConfig } from './config.ts'

test('with nothing set, Linchpin listens on this machine only, with the embedded database and demo people', () => {
  const config = readConfig({})
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 8080)
  assert.equal(config.databaseUrl, undefined)
  assert.equal(config.home, resolve('.linchpin'))
  assert.equal(config.demo, true)
  assert.equal(config.seedPeople, 1000)
  assert.deepEqual(config.packages, [])
  assert.ok(config.workers >= 1)
})

test('demo mode is off with a database of your own, unless it is asked for', () => {
  const databaseUrl = 'postgresql://care@db/care'
  assert.equal(readConfig({ DATABASE_URL: databaseUrl }).demo, false)
  assert.equal(readConfig({ DATABASE_URL: databaseUrl, LINCHPIN_DEMO: 'on' }).demo, true)
})

test('an empty setting is the same as none', () => {
  assert.equal(readConfig({ PORT: '', DATABASE_URL: ' ' }).port, 8080)
})

test('several package folders are told apart as in PATH', () => {
  const { packages } = readConfig({ LINCHPIN_PACKAGES: '/srv/packages:/opt/fhir' })
  assert.deepEqual(packages, ['/srv/packages', '/opt/fhir'])
})

for (const [name, value, said] of [
  ['PORT', '80a', /PORT must be a whole number from 0 to 65535, not "80a"/],
  ['PORT', '70000', /PORT must be/],
  ['LINCHPIN_SEED_PEOPLE', '-1', /LINCHPIN_SEED_PEOPLE must be/],
  ['LINCHPIN_WORKERS', '0', /LINCHPIN_WORKERS must be a whole number from 1/],
  ['LINCHPIN_DEMO', 'yes', /LINCHPIN_DEMO must be on or off, not "yes"/],
  ['DATABASE_URL', 'mysql://root:secret@db', /DATABASE_URL must begin with postgresql:\/\/$/],
] as const) {
  test(`${name}=${value} is refused by name`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      (error) => error instanceof Problem && error.kind === 'invalid' && said.test(error.message),
    )
  })
}

test('every wrong setting is named at once', () => {
  assert.throws(() => readConfig({ PORT: 'x', LINCHPIN_DEMO: 'x' }), /PORT.*LINCHPIN_DEMO/)
})
