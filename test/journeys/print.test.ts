import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Journeys, skipJourneys, startJourneys } from '../support/browser.ts'

const skip = skipJourneys
let journeys: Journeys

before(async () => {
  if (skip === false) journeys = await startJourneys()
})

test('a printed timeline names the person on each sheet and says how it is filtered', { skip }, async () => {
  const page = await journeys.signedIn('gp')
  await page.goto(`${journeys.origin}/work/people/${journeys.world.full}/timeline?kind=results&from=2020-01-01`)
  await page.emulateMedia({ media: 'print' })
  const banner = page.locator('.app-banner--identity')
  // What a browser repeats on each sheet.
  assert.equal(await banner.evaluate((element) => getComputedStyle(element).display), 'table-header-group')
  const text = await page.locator('body').innerText()
  assert.match(text, /O’REILLY, Siobhan[\s\S]*999 000 0018/)
  assert.match(text, /Filtered by: results and observations, from 1 Jan 2020\. Other entries are not shown\./)
  assert.match(text, /last updated/, 'what is folded on screen is open on paper')
  assert.doesNotMatch(text, /Find a person|Change sign-in|Remove |Skip to|Apply filters/)
  await page.context().close()
})
