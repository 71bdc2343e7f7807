import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { carer, type PageWorld, pageWorld, staff } from '../../../test/support/pages.ts'
import { readEntries } from './entries.ts'
import { listAuthors } from './entry-authors.ts'

let world: PageWorld

/** A note by someone who was sent, or only named. */
async function sendNote(id: string, sender: object): Promise<void> {
  const subject = { reference: 'Patient/full-A81001' }
  const note = { resourceType: 'Communication', id, status: 'completed', subject, sender }
  const sent = await world.store.fhir('PUT', `Communication/${id}`, JSON.stringify(note))
  assert.ok(sent.status < 300, sent.text)
}

before(async () => {
  world = await pageWorld()
  await sendNote('by-sam', { reference: 'Practitioner/sam' })
  await sendNote('by-eve', { reference: 'Practitioner/never-sent', display: 'Eve Moss' })
  await sendNote('by-eve-elsewhere', { reference: 'Practitioner/never-sent-2', display: 'Eve Moss' })
})
after(() => world.close())

const notesBy = async (name: string): Promise<readonly string[]> => {
  const ctx = world.store.contextOf(staff('gp'))
  const author = (await listAuthors(ctx, world.full)).find((each) => each.name === name)?.key ?? ''
  const { entries } = await readEntries(ctx, world.full, { author, types: ['Communication'] })
  return entries.map(({ id }) => id).sort()
}

test('each author of a record is offered once, by name', async () => {
  const names = (await listAuthors(world.store.contextOf(staff('gp')), world.full)).map(({ name }) => name)
  assert.deepEqual([...new Set(names)], names)
  assert.ok(names.includes('Eve Moss'), names.join())
  assert.ok(!names.includes(''))
})

test('an author leads to what they wrote, and others of that name', async () => {
  assert.deepEqual(await notesBy('Eve Moss'), ['by-eve', 'by-eve-elsewhere'])
})

test('a care-home worker is offered no author of what they may not see', async () => {
  const seen = (await listAuthors(world.store.contextOf(staff('care-home-worker')), world.full)).map(({ name }) => name)
  assert.ok(!seen.includes('Eve Moss'), seen.join())
  assert.ok((await listAuthors(world.store.contextOf(carer(world.full)), world.full)).length > seen.length)
})

test('an author nobody has heard of wrote nothing', async () => {
  const ctx = world.store.contextOf(staff('gp'))
  assert.equal((await readEntries(ctx, world.full, { author: 'Practitioner/nobody' })).total, 0)
})
