import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { capabilities } from '../src/apps/server.ts'
import { type Actor, staffRoles } from '../src/kernel/access/actor.ts'
import { audienceOf } from '../src/platform/page.ts'
import { routesOf } from '../src/platform/routes.ts'
import { hostile } from './support/made-up-record.ts'
import { carer, type PageWorld, pageWorld, person, staff } from './support/pages.ts'

let world: PageWorld

before(async () => {
  world = await pageWorld()
})
after(() => world.close())

const pages = capabilities.flatMap((capability) =>
  capability.pages.map((page) => ({ ...page, name: `${capability.id}/${page.id}` })),
)

/** Values for the names in patterns, about the full or the empty person. */
function urlOf(pattern: string, id: string): string {
  const values: Readonly<Record<string, string>> = {
    person: id,
    document: 'letter',
    type: 'Observation',
    entry: 'potassium-2026-11-20',
    kind: 'blood-pressure',
    review: world.review,
  }
  return pattern.replaceAll(/:(\w+)/g, (_, name: string) => values[name] ?? '')
}

const actorFor = (audience: string, id: string): Actor => {
  if (audience === 'person') return person(id)
  if (audience === 'carer') return carer(id)
  return staff(staffRoles.find((role) => role === audience) ?? 'gp')
}

function assertWellFormed(html: string, name: string): void {
  assert.match(html, /^<!doctype html><html lang="en-GB"/, name)
  assert.equal(html.match(/<h1[ >]/g)?.length, 1, `${name} has one h1`)
  assert.match(html, /<title>[^<]+ – Linchpin – NHS<\/title>/, `${name} has a title`)
  assert.match(html, /<main [^>]*id="maincontent"/, `${name} has a main`)
  assert.ok(!html.includes('<img'), `${name} escapes what sources send`)
  assert.doesNotMatch(html, / style=| onclick=|<script>/, `${name} has nothing inline`)
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
    `${name} uses each id once`,
  )
}

for (const page of pages.filter(({ method }) => method === 'GET')) {
  const audiences = page.audiences === 'everyone' ? ['gp'] : page.audiences
  for (const audience of audiences)
    test(`${page.name} for ${audience} renders, with everything and with nothing`, async () => {
      for (const id of [world.full, world.empty]) {
        const ofEmpty = id === world.empty && /:(document|entry)/.test(page.pattern)
        const answer = await world.ask(actorFor(audience, id), 'GET', urlOf(page.pattern, id))
        // What the empty person does not have, and what care homes may not see, is not found.
        const unseen = audience === 'care-home-worker' && page.pattern.includes(':entry')
        if (ofEmpty || unseen) assert.deepEqual(answer, { kind: 'problem', problem: 'not-found' })
        else if (answer.kind === 'html') assertWellFormed(answer.html, page.name)
        else assert.fail(`${page.name}: ${JSON.stringify(answer)}`)
      }
    })
}

for (const page of pages) {
  const { audiences } = page
  if (audiences === 'everyone') continue
  test(`${page.name} is not there for anyone it does not name`, async () => {
    const others = [...staffRoles, 'person', 'carer'].filter(
      (audience) => !audiences.some((named) => named === audience),
    )
    for (const audience of others) {
      const answer = await world.ask(actorFor(audience, world.full), page.method, urlOf(page.pattern, world.full))
      assert.deepEqual(answer, { kind: 'problem', problem: 'not-found' }, audience)
    }
    const system: Actor = { kind: 'system', id: 'x', name: 'x' }
    assert.equal(audienceOf(system), undefined)
    const answer = await world.ask(system, page.method, urlOf(page.pattern, world.full))
    assert.deepEqual(answer, { kind: 'problem', problem: 'not-found' })
  })
}

for (const page of pages.filter(({ method, audiences }) => method === 'POST' && audiences !== 'everyone'))
  test(`${page.name} refuses a form of another sign-in`, async () => {
    const [audience = ''] = page.audiences
    const url = urlOf(page.pattern, world.full)
    const answer = await world.ask(actorFor(audience, world.full), 'POST', url, { csrf: 'other' })
    assert.deepEqual(answer, { kind: 'problem', problem: 'forbidden' })
  })

test('staff of an organisation that does not know a person get what a stranger gets', async () => {
  const stranger: Actor = { ...staff('gp'), kind: 'staff', role: 'gp', organisation: 'ZZ999' } as Actor
  for (const path of ['', '/timeline', '/results', '/details', '/add'])
    assert.deepEqual(await world.ask(stranger, 'GET', `/work/people/${world.full}${path}`), {
      kind: 'problem',
      problem: 'not-found',
    })
})

test('what sources send is shown as text', async () => {
  const answer = await world.ask(staff('gp'), 'GET', `/work/people/${world.full}/timeline`)
  assert.ok(answer.kind === 'html' && answer.html.includes('&lt;img src=x'), hostile)
})

test('each capability says what it is for and what can go wrong', () => {
  for (const { id, purpose, hazards } of capabilities) {
    assert.match(purpose, /\.$/, id)
    assert.ok(hazards.length > 0, id)
  }
})

test('two pages on one path are refused', () => {
  assert.throws(() => routesOf([...capabilities, ...capabilities]), /Two pages answer/)
})
