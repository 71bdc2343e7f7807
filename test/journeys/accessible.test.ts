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

const idsIn = (url: string): string =>
  url
    .replace('FULL', journeys.world.full)
    .replace('EMPTY', journeys.world.empty)
    .replace('REVIEW', journeys.world.review)

async function lookAt(page: Page, url: string): Promise<void> {
  await page.goto(journeys.origin + url)
  // Playwright evaluates outside the page's own scripts, so the policy of the page need not allow it.
  await page.evaluate(axe)
  for (const viewport of widths) {
    await page.setViewportSize(viewport)
    const faults = await page.evaluate(faultsOf, tags)
    assert.deepEqual(faults, { violations: [], sideways: 0, small: [] }, `${url} at ${viewport.width} px`)
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
