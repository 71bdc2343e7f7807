import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Journeys, skipJourneys, startJourneys } from '../support/browser.ts'

const skip = skipJourneys
let journeys: Journeys

before(async () => {
  if (skip === false) journeys = await startJourneys()
})

for (const javaScriptEnabled of [true, false])
  test(`a nurse adds a blood pressure, scripts ${javaScriptEnabled ? 'on' : 'off'}`, { skip }, async () => {
    const page = await journeys.signedIn('hospital-nurse', { javaScriptEnabled })
    await page.goto(`${journeys.origin}/work`)
    await page.getByLabel('NHS number', { exact: true }).fill('999 000 0018')
    await page.getByRole('button', { name: 'Find', exact: true }).click()
    await page.getByRole('link', { name: 'O’REILLY, Siobhan (Mrs)' }).click()
    await page.getByRole('navigation', { name: 'Record' }).getByRole('link', { name: 'Add an entry' }).click()
    await page.getByRole('link', { name: 'Blood pressure' }).click()

    await page.getByRole('button', { name: 'Check before you save' }).click()
    assert.match(await page.title(), /^Error: O’REILLY, Siobhan \(Mrs\): Add: blood pressure/)
    const summary = page.locator('.nhsuk-error-summary')
    assert.match(await summary.innerText(), /Tick at least two[\s\S]*Enter the upper value, for example 120/)

    await page.getByLabel('Name', { exact: true }).check()
    await page.getByLabel('Date of birth', { exact: true }).check()
    await page.getByLabel('Upper value (systolic)').fill('162')
    await page.getByLabel('Lower value (diastolic)').fill(javaScriptEnabled ? '91' : '92')
    await page.getByRole('button', { name: 'Check before you save' }).click()
    assert.match(await page.locator('main').innerText(), /For[\s\S]*O’REILLY[\s\S]*162\/9[12] mmHg/)
    await page.getByRole('button', { name: 'Change' }).click()
    assert.equal(await page.getByLabel('Upper value (systolic)').inputValue(), '162')
    await page.getByRole('button', { name: 'Check before you save' }).click()
    await page.getByRole('button', { name: 'Save to the record' }).click()

    assert.match(page.url(), /timeline\?done=added#entry-Observation-/)
    const main = await page.locator('main').innerText()
    assert.match(main, /Entry added/)
    assert.match(main, /Blood pressure 162\/9[12] mmHg[\s\S]*Sam Patel, City Hospital/)

    await page.goto(page.url().replace(/\/timeline.*/, '/add/pulse'))
    assert.equal(
      await page.getByLabel('Date of birth', { exact: true }).count(),
      0,
      'identifiers are asked for once in a visit',
    )
    await page.context().close()
  })

test('a person and their carer add to the record, and everyone sees who added it', { skip }, async () => {
  const person = await journeys.signedIn('person')
  await person.goto(`${journeys.origin}/app/readings/weight`)
  await person.getByLabel('Weight').fill('70.50')
  await person.getByRole('button', { name: 'Continue' }).click()
  await person.getByRole('button', { name: 'Add to the record' }).click()
  assert.match(await person.locator('main').innerText(), /Added to your record[\s\S]*Weight 70\.50 kg\s*Added by you/)

  const carer = await journeys.signedIn('carer')
  await carer.goto(`${journeys.origin}/app/readings/note`)
  assert.match(await carer.title(), /^Siobhan O’Reilly: Add a note/)
  await carer.getByLabel('What do you want others to know?').fill('Slept badly since Friday')
  await carer.getByRole('button', { name: 'Continue' }).click()
  assert.match(await carer.locator('main').innerText(), /For[\s\S]*Siobhan O’Reilly/)
  await carer.getByRole('button', { name: 'Add to the record' }).click()
  assert.match(await carer.locator('main').innerText(), /Slept badly since Friday\s*Added by you/)

  const nurse = await journeys.signedIn('hospital-nurse')
  await nurse.goto(`${journeys.origin}/work/people/${journeys.world.full}/timeline`)
  const timeline = await nurse.locator('main').innerText()
  assert.match(timeline, /Weight 70\.50 kg\s*ADDED BY THE PERSON/i)
  assert.match(timeline, /Slept badly since Friday\s*ADDED BY A CARER/i)
  await person.goto(`${journeys.origin}/app/record`)
  assert.match(await person.locator('main').innerText(), /Slept badly since Friday\s*Added by your carer/)
  for (const page of [person, carer, nurse]) await page.context().close()
})

test('an index officer links two records and takes it back', { skip }, async () => {
  const page = await journeys.signedIn('index-officer', { javaScriptEnabled: false })
  await page.goto(`${journeys.origin}/work/duplicates/${journeys.world.review}`)
  assert.match(await page.locator('main').innerText(), /Review 1 of \d+, waiting 0 days/)
  await page.getByRole('button', { name: 'Check what will happen' }).click()
  assert.match(
    await page.locator('.nhsuk-error-summary').innerText(),
    /Choose what these two records are[\s\S]*Say why/,
  )
  await page.getByLabel('Same person: link them').check()
  await page.getByLabel('Why?').fill('Spelling of the given name')
  await page.getByRole('button', { name: 'Check what will happen' }).click()
  assert.match(await page.locator('main').innerText(), /What will happen[\s\S]*NHS number kept[\s\S]*999 000 0018/)
  await page.getByRole('button', { name: 'Confirm' }).click()
  assert.match(await page.locator('main').innerText(), /Decision saved/)
  await page.goto(`${journeys.origin}/work/duplicates/${journeys.world.review}`)
  await page.getByRole('button', { name: 'Undo this decision' }).click()
  assert.match(await page.locator('main').innerText(), /Decision undone/)
  await page.context().close()
})

test('a review that someone was not sure of waits on, with what they wrote', { skip }, async () => {
  const page = await journeys.signedIn('index-officer', { javaScriptEnabled: false })
  const review = `${journeys.origin}/work/duplicates/${journeys.world.review}`
  await page.goto(review)
  await page.getByLabel('Not sure: leave for a colleague').check()
  await page.getByLabel('Why?').fill('The address is too old to tell')
  await page.getByRole('button', { name: 'Check what will happen' }).click()
  await page.getByRole('button', { name: 'Save and go to next' }).click()
  assert.match(await page.locator('main').innerText(), /Decision saved/)
  await page.goto(`${journeys.origin}/work/duplicates`)
  assert.ok((await page.locator(`a[href="${new URL(review).pathname}"]`).count()) === 1)
  await page.goto(review)
  assert.match(await page.locator('main').innerText(), /too old to tell/)
  assert.equal(await page.getByRole('button', { name: 'Check what will happen' }).count(), 1)
  await page.getByRole('button', { name: 'Undo this decision' }).click()
  assert.match(await page.locator('main').innerText(), /Decision undone/)
  await page.context().close()
})

test('the first stops of the keyboard are the skip link and the find box', { skip }, async () => {
  const page = await journeys.signedIn('gp')
  await page.goto(`${journeys.origin}/work/find`)
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id || '')
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'Skip to main content')
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'find-box')
  await page.keyboard.type('999 000 0018')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=999/)
  assert.match(await page.locator('main').innerText(), /O’REILLY, Siobhan/)
  await page.context().close()
})
