import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReactElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { AppHeader, ProxyBar } from './app-header.tsx'
import { assetAt, assets, contentSecurityPolicy } from './assets.ts'
import { CardLink } from './cards.tsx'
import { Chart } from './chart/chart.tsx'
import { CompareTable } from './compare-table.tsx'
import { Errors, PostForm } from './form.tsx'
import { Pagination, SubNav, withQuery } from './navigation.tsx'
import { type AllergyState, PatientBanner, type PatientBannerProps } from './patient-banner.tsx'
import { problemPage } from './problem-page.tsx'
import { StaffHeader } from './staff-header.tsx'
import { Table } from './table.tsx'
import { AppTag, StaffTag } from './tags.tsx'

const html = (element: ReactElement): string => renderToStaticMarkup(element)
const text = (element: ReactElement): string =>
  html(element)
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

const banner: PatientBannerProps = {
  name: 'O’REILLY, Siobhan (Mrs)',
  born: '14 Mar 1951 (75 years)',
  gender: 'Female',
  nhsNumber: '999 000 0018',
  unverified: true,
  testPatient: true,
  adjustments: ['BSL interpreter', 'Large print', 'Longer visits', 'Quiet room'],
  alerts: [],
}

for (const [allergies, words] of [
  [{ state: 'listed', allergies: ['Penicillin', 'Latex'] }, 'Allergies Penicillin, Latex'],
  [{ state: 'none-known', recorded: '3 Apr 2026' }, 'No known allergies (recorded 3 Apr 2026)'],
  [{ state: 'not-recorded' }, 'Allergies not recorded'],
  [{ state: 'unavailable' }, 'Allergies unavailable'],
] as const satisfies readonly (readonly [AllergyState, string])[])
  test(`the banner says "${words}"`, () => {
    assert.ok(text(<PatientBanner {...banner} allergies={allergies} />).includes(words))
  })

test('the banner has its facts in one order, and says what is unproved or made up', () => {
  const words = text(<PatientBanner {...banner} />)
  assert.match(
    words,
    /^O’REILLY.*Born 14 Mar 1951 \(75 years\) Gender Female NHS number 999 000 0018 Not verified Test patient/,
  )
  assert.match(words, /Adjustments BSL interpreter, Large print, 2 more/)
  const { nhsNumber: _none, ...unnumbered } = banner
  assert.match(text(<PatientBanner {...unnumbered} />), /NHS number not known/)
})

test('someone who has died has another banner, and the words', () => {
  const shown = html(<PatientBanner {...banner} died="3 Apr 2026, age at death 75 years" />)
  assert.match(shown, /app-banner--died/)
  assert.match(shown, /Died<\/dt><dd>3 Apr 2026/)
})

test('a long list of allergies is never shortened', () => {
  const allergies = ['Penicillin', 'Latex', 'Nuts', 'Egg', 'Aspirin']
  assert.ok(
    text(<PatientBanner {...banner} allergies={{ state: 'listed', allergies }} />).includes(allergies.join(', ')),
  )
})

test('on a phone each cell of a table still carries the name of its column', () => {
  const rows = [{ name: 'Ann', age: 75 }]
  const shown = html(
    <Table
      caption="People"
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { name: 'Person', rowHeader: true, cell: ({ name }) => name },
        {
          name: 'Age',
          numeric: true,
          cell: ({ age }) => age,
          sort: { href: '?sort=age', state: 'ascending', words: 'youngest first' },
        },
      ]}
    />,
  )
  assert.match(
    shown,
    /<th role="rowheader" scope="row"><span class="app-table__label" aria-hidden="true">Person<\/span>/,
  )
  assert.match(shown, /aria-sort="ascending"><a href="\?sort=age">Age <span class="app-table__order">youngest first/)
  assert.match(shown, /<tr role="row" id="row-Ann">/)
})

test('differences come first in a comparison', () => {
  const words = text(
    <CompareTable
      caption="Two records"
      leftHead="A"
      rightHead="B"
      rows={[
        { field: 'Gender', left: 'Female', right: 'Female', match: { level: 'same', words: 'Same' } },
        { field: 'Family name', left: 'Hill', right: 'Hall', match: { level: 'different', words: 'Different' } },
      ]}
    />,
  )
  assert.ok(words.indexOf('Family name') < words.indexOf('Gender'))
})

test('a chart says its finding, its range and its numbers, and is drawn at two sizes', () => {
  const points = [4.1, 5.9].map((value, index) => ({
    key: String(index),
    time: `2026-0${index + 1}-03T09:00:00Z`,
    value,
    text: `${value} mmol/L`,
    source: 'City Hospital',
  }))
  const shown = html(
    <Chart
      caption="Potassium went from 4.1 to 5.9 mmol/L"
      unit="mmol/L"
      points={points}
      range={{ low: 3.5, high: 5.3, text: '3.5 to 5.3 mmol/L' }}
      now={Date.parse('2026-03-01T00:00:00Z')}
    />,
  )
  assert.match(shown, /<figcaption>Potassium went from 4\.1 to 5\.9 mmol\/L<\/figcaption>/)
  assert.match(
    shown,
    /Last 12 months, in mmol\/L\. Band: reference range 3\.5 to 5\.3 mmol\/L\. The scale does not start at 0\./,
  )
  assert.equal(shown.match(/role="img" aria-label="Potassium went/g)?.length, 2)
  assert.equal(shown.match(/<circle /g)?.length, 4)
  assert.match(shown, /Numbers for this chart[\s\S]*3 Feb 2026, 09:00[\s\S]*5\.9 mmol\/L/)
})

test('a pair of values is drawn as one T-bar', () => {
  const point = { key: '1', time: '2026-01-01T10:00:00Z', value: 148, low: 92, text: '148/92 mmHg', source: 'x' }
  const shown = html(<Chart caption="x" unit="mmHg" points={[point]} now={Date.parse('2026-01-02T00:00:00Z')} />)
  assert.match(shown, /<g class="app-chart__bars"><path d="M[\d.]+ [\d.]+h10/)
})

test('tags of the app are never red', () => {
  assert.match(html(<AppTag tone="danger" text="Far above" />), /nhsapp-tag--yellow/)
  assert.match(html(<StaffTag tone="danger" text="Far above" />), /nhsuk-tag--red/)
})

test('an error leads to the first control of its field, and every form carries its token', () => {
  const errors = [{ field: 'when', message: 'Enter the day' }]
  assert.match(html(<Errors errors={errors} controls={{ when: 'when-day' }} />), /href="#when-day">Enter the day/)
  assert.equal(html(<Errors errors={[]} />), '')
  const form = (
    <PostForm action="/x" csrfToken="secret">
      text
    </PostForm>
  )
  assert.match(html(form), /method="post"[^>]*><input type="hidden" name="csrf" value="secret"\/>/)
})

test('menus mark the page one is on', () => {
  const items = [
    { href: '/a', text: 'A' },
    { href: '/b', text: 'B' },
  ]
  assert.match(html(<SubNav label="Record" items={items} current="/b" />), /<a href="\/b" aria-current="page">B/)
  assert.match(html(<AppHeader current="/a" menu={items} />), /<a href="\/a" aria-current="page">A/)
  const header = <StaffHeader shell="work" account="Dr Lee" menu={items} current="/a" canFind={false} />
  assert.ok(!html(header).includes('Find a person'))
  assert.match(text(<ProxyBar personName="Amir Khan" />), /You are acting for Amir Khan\. Switch to another profile/)
})

test('pages are moved through by words', () => {
  assert.equal(html(<Pagination nextText="Next: 51 to 100" />), '')
  assert.match(html(<Pagination next="?after=50" nextText="Next: 51 to 100" />), /rel="next">Next: 51 to 100/)
  assert.equal(withQuery('/x?a=1&b=2', { a: '', c: '3' }), '/x?b=2&c=3')
})

test('a card is one link', () => {
  assert.equal(html(<CardLink href="/x" title="Results" description="New" />).match(/<a /g)?.length, 1)
})

test('the page of a problem tells nothing that a stranger may not know', () => {
  const page = problemPage({ kind: 'not-found', requestId: 'abc' })
  assert.match(page, /<h1>Page not found<\/h1>/)
  assert.match(page, /Reference abc/)
  assert.match(problemPage({ kind: 'unavailable', requestId: 'abc' }), /This may be a temporary problem/)
})

test('assets are served by us alone, under names that change with their content', () => {
  for (const { url } of Object.values(assets)) assert.match(url, /^\/assets\/[a-z]+-[\w-]{12}\.(css|js|svg)$/)
  assert.equal(assetAt(assets.appCss.url), assets.appCss)
  assert.equal(assetAt('/assets/app.css'), undefined)
  assert.ok(!assets.nhsukCss.body.includes('assets.nhs.uk'))
  assert.doesNotMatch(contentSecurityPolicy, /unsafe|https?:/)
})
