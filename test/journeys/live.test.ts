import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { type Journeys, skipJourneys, startJourneys } from '../support/browser.ts'

const skip = skipJourneys
let journeys: Journeys

before(async () => {
  if (skip === false) journeys = await startJourneys()
})

/** Another organisation writes through the API. */
async function sendNote(id: string, text: string): Promise<void> {
  const sent = await journeys.world.store.fhir(
    'PUT',
    `Communication/${id}`,
    JSON.stringify({
      resourceType: 'Communication',
      id,
      status: 'completed',
      subject: { reference: 'Patient/full-A81001' },
      sent: new Date().toISOString(),
      payload: [{ contentString: text }],
    }),
  )
  assert.ok(sent.status < 300, sent.text)
}

const timelineOf = (): string => `${journeys.origin}/work/people/${journeys.world.full}/timeline`

/** How long until a page shows some text, in milliseconds. */
async function untilShown(page: Page, text: string, since: number): Promise<number> {
  await page.getByText(text).first().waitFor({ timeout: 10_000 })
  return performance.now() - since
}

/** The stream is open when the browser has asked for it and been answered. */
async function openPage(page: Page, url: string): Promise<void> {
  const stream = page.waitForResponse(/\/live\?/)
  await page.goto(url)
  await stream
}

test('what another organisation writes is in every open page within a second', { skip }, async () => {
  const gp = await journeys.signedIn('gp')
  const person = await journeys.signedIn('person')
  await openPage(gp, timelineOf())
  await openPage(person, `${journeys.origin}/app/record`)
  const since = performance.now()
  await sendNote('live-1', 'Came home from hospital')
  const [staffMs, personMs] = await Promise.all([
    untilShown(gp, 'Came home from hospital', since),
    untilShown(person, 'Came home from hospital', since),
  ])
  assert.ok(staffMs < 1000, `${staffMs} ms`)
  assert.ok(personMs < 1000, `${personMs} ms`)
  await gp.context().close()
  await person.context().close()
})

test('a page that someone reads does not move: a bar offers what is new', { skip }, async () => {
  const page = await journeys.signedIn('gp')
  await openPage(page, timelineOf())
  await page.evaluate(() => window.scrollTo(0, 400))
  await sendNote('live-2', 'Walked to the shop')
  await sendNote('live-3', 'Walked home again')
  const bar = page.getByRole('status')
  await bar.getByText(/new\. Show them/).waitFor({ timeout: 5000 })
  assert.equal(await page.getByText('Walked to the shop').count(), 0)
  assert.ok((await page.evaluate(() => window.scrollY)) > 300)
  await bar.getByRole('link', { name: 'Show them' }).click()
  await page.getByText('Walked home again').waitFor()
  await page.getByText('Walked to the shop').waitFor()
  await page.context().close()
})

test('a dropped connection resumes and misses nothing', { skip }, async () => {
  const page = await journeys.signedIn('gp')
  await openPage(page, timelineOf())
  await journeys.disconnect()
  await sendNote('live-4', 'Written while the line was down')
  await new Promise((resolve) => setTimeout(resolve, 1200))
  await journeys.reconnect()
  await untilShown(page, 'Written while the line was down', performance.now())
  await sendNote('live-5', 'Written after it came back')
  await untilShown(page, 'Written after it came back', performance.now())
  await page.context().close()
})

test('a page whose reader signed out stops asking', { skip }, async () => {
  const page = await journeys.signedIn('gp')
  await openPage(page, timelineOf())
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.context().request.post(`${journeys.origin}/auth/sign-out`, { maxRedirects: 0 })
  await sendNote('live-7', 'Not for those who left')
  await page.getByRole('status').getByText('You were signed out').waitFor({ timeout: 5000 })
  await new Promise((resolve) => setTimeout(resolve, 1500))
  assert.deepEqual(asked, [])
  assert.equal(await page.getByText('Not for those who left').count(), 0)
  await page.context().close()
})

test('with scripts off a reload shows what is new', { skip }, async () => {
  const page = await journeys.signedIn('gp', { javaScriptEnabled: false })
  await page.goto(timelineOf())
  await sendNote('live-6', 'Seen after a reload')
  assert.equal(await page.getByText('Seen after a reload').count(), 0)
  await page.reload()
  assert.equal(await page.getByText('Seen after a reload').count(), 1)
  await page.context().close()
})
