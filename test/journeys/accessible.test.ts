import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { type Journeys, skipJourneys, startJourneys, widths } from '../support/browser.ts'

const skip = skipJourneys
let journeys: Journeys

before(async () => {
  if (skip === false) journeys = await startJourneys()
})

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Pages by persona; FULL, EMPTY and REVIEW stand for ids. */
const pagesOf: Readonly<Record<string, readonly string[]>> = {
  gp: [
    '/',
    '/auth/demo',
    '/work',
    '/work/find?family=re',
    '/work/find?family=z',
    '/work/find?family=zz',
    '/work/people/FULL',
    '/work/people/FULL/timeline?kind=results&from=2020-01-01',
    '/work/people/FULL/problems',
    '/work/people/FULL/medicines',
    '/work/people/FULL/results',
    '/work/people/FULL/results?code=http%3A%2F%2Floinc.org%7C2823-3',
    '/work/people/FULL/documents',
    '/work/people/FULL/documents/letter',
    '/work/people/FULL/entries/Observation/pressure',
    '/work/people/FULL/details',
    '/work/people/FULL/add',
    '/work/people/FULL/add/blood-pressure',
    '/work/people/EMPTY',
    '/work/people/EMPTY/timeline',
    '/nowhere',
  ],
  'care-home-worker': ['/work/people/FULL', '/work/people/FULL/medicines'],
  analyst: ['/work'],
  'index-officer': ['/work', '/work/duplicates', '/work/duplicates/REVIEW'],
  person: [
    '/app',
    '/app/record',
    '/app/record/Observation/potassium-2026-11-20',
    '/app/results',
    '/app/medicines',
    '/app/conditions',
    '/app/readings',
    '/app/readings/weight',
    '/app/readings/note',
  ],
  carer: ['/app', '/app/record', '/app/readings/blood-pressure'],
  'empty-person': ['/app', '/app/record', '/app/results', '/app/medicines'],
}

for (const [persona, urls] of Object.entries(pagesOf))
  test(`pages of ${persona}: no violation of WCAG 2.2 AA, nothing sideways, no small text, at either width`, {
    skip,
  }, async () => {
    const page = await journeys.signedIn(persona)
    for (const url of urls) await lookAt(page, idsIn(url))
    await page.context().close()
  })

/** What a form answers: errors first, then the check page, then that it worked. Each is looked at. */
const sentForms: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  gp: async (page) => {
    await page.goto(journeys.origin + idsIn('/work/people/FULL/add/blood-pressure'))
    await press(page, 'Check before you save', 'an entry without answers')
    await page.getByLabel('Name', { exact: true }).check()
    await page.getByLabel('NHS number', { exact: true }).check()
    await page.getByLabel('Upper value (systolic)').fill('131')
    await page.getByLabel('Lower value (diastolic)').fill('81')
    await press(page, 'Check before you save', 'the check before an entry is saved')
    await press(page, 'Save to the record', 'an added entry')
  },
  person: async (page) => {
    await page.goto(`${journeys.origin}/app/readings/weight`)
    await press(page, 'Continue', 'a reading without a number')
    await page.getByLabel('Weight').fill('71')
    await press(page, 'Continue', 'the check before a reading is added')
    await press(page, 'Add to the record', 'an added reading')
  },
  'index-officer': async (page) => {
    await page.goto(journeys.origin + idsIn('/work/duplicates/REVIEW'))
    await press(page, 'Check what will happen', 'a review without a decision')
    await page.getByLabel('Not sure: leave for a colleague').check()
    await page.getByLabel('Why?').fill('The address is too old to tell')
    await press(page, 'Check what will happen', 'what a decision will do')
    await press(page, 'Confirm', 'a saved decision')
    await page.getByRole('link', { name: 'See the decision, or undo it' }).click()
    await examine(page, 'a decided review')
    await press(page, 'Undo this decision', 'a decision taken back')
  },
}

for (const [persona, send] of Object.entries(sentForms))
  test(`what ${persona} is answered after sending a form has no violation either`, { skip }, async () => {
    const page = await journeys.signedIn(persona)
    await send(page)
    await page.context().close()
  })

async function press(page: Page, name: string, state: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  await examine(page, state)
}

const idsIn = (url: string): string =>
  url
    .replace('FULL', journeys.world.full)
    .replace('EMPTY', journeys.world.empty)
    .replace('REVIEW', journeys.world.review)

async function lookAt(page: Page, url: string): Promise<void> {
  await page.goto(journeys.origin + url)
  await examine(page, url)
}

async function examine(page: Page, state: string): Promise<void> {
  // Playwright evaluates outside the page's own scripts, so the policy of the page need not allow it.
  await page.evaluate(axe)
  for (const viewport of widths) {
    await page.setViewportSize(viewport)
    const faults = await page.evaluate(faultsOf, tags)
    assert.deepEqual(faults, { violations: [], sideways: 0, small: [] }, `${state} at ${viewport.width} px`)
  }
}

interface Faults {
  readonly violations: readonly string[]
  readonly sideways: number
  readonly small: readonly string[]
}

/** Runs in the page, with everything that opens opened. */
async function faultsOf(values: readonly string[]): Promise<Faults> {
  for (const details of document.querySelectorAll('details')) details.open = true
  const run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> = Reflect.get(
    Reflect.get(window, 'axe'),
    'run',
  )
  const { violations } = await run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] })
  const written = [...document.querySelectorAll('main *, header *, footer *, section *')].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== ''),
  )
  return {
    violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
    sideways: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
    small: written
      .filter(
        (element) => element.closest('svg') === null && Number.parseFloat(getComputedStyle(element).fontSize) < 16,
      )
      .map((element) => element.outerHTML.slice(0, 120)),
  }
}
