import assert from 'node:assert/strict'
import { test } from 'node:test'
import { birthDateOf, searchOf, understood } from './rules.ts'

const none = { q: '', nhsNumber: '', family: '', given: '', birthDate: '' }

for (const [parts, query] of [
  [{ q: '999 000 0018' }, { nhsNumber: '9990000018' }],
  [{ q: ' 9990000018 ' }, { nhsNumber: '9990000018' }],
  [{ q: '999-000-0018' }, { nhsNumber: '9990000018' }],
  [{ q: 'Hill' }, { family: 'Hill' }],
  [{ q: 'Margaret Hill' }, { family: 'Hill', given: 'Margaret' }],
  [{ q: 'O’Reilly, Siobhan 14/3/1951' }, { family: 'O’Reilly', given: 'Siobhan', birthDate: '1951-03-14' }],
  [{ q: 'Kociński 14 Mar 1951' }, { family: 'Kociński', birthDate: '1951-03-14' }],
  [{ q: 'Hill 1951' }, { family: 'Hill', birthDate: '1951' }],
  [
    { family: 'Hi*', given: '', birthDate: '1951-03' },
    { family: 'Hi*', birthDate: '1951-03' },
  ],
  [
    { given: 'Sukarno', birthDate: '1.2.1960' },
    { given: 'Sukarno', birthDate: '1960-02-01' },
  ],
  [{ nhsNumber: '999 000 0018', family: 'ignored' }, { nhsNumber: '9990000018' }],
] as const)
  test(`a search for ${JSON.stringify(parts)} asks for ${JSON.stringify(query)}`, () => {
    assert.deepEqual(searchOf({ ...none, ...parts }), { ok: true, query })
  })

for (const [parts, field, why] of [
  [{ nhsNumber: '99900' }, 'nhsNumber', /10 digits/],
  [{ family: 'H' }, 'family', /2 letters/],
  [{ given: 'Ann' }, 'family', /2 letters/],
  [{ birthDate: '1951-03-14' }, 'family', /2 letters/],
  [{ family: 'Hill', birthDate: '14th of March' }, 'birthDate', /day, month and year/],
] as const)
  test(`a search for ${JSON.stringify(parts)} says what to put right`, () => {
    const result = searchOf({ ...none, ...parts })
    assert.match(result.ok === false ? result.message : '', why)
    assert.equal(result.ok === false ? result.field : '', field)
  })

test('what was typed into the find box stands in the fields it was taken for', () => {
  const q = 'Siobhan Hill 1951'
  assert.deepEqual(understood({ ...none, q }), { ...none, q, given: 'Siobhan', family: 'Hill', birthDate: '1951' })
})

test('nothing typed is not a mistake', () => assert.deepEqual(searchOf(none), { ok: 'empty' }))

for (const [typed, date] of [
  ['14 3 1951', '1951-03-14'],
  ['14/03/1951', '1951-03-14'],
  ['14 March 1951', '1951-03-14'],
  ['1951', '1951'],
  ['3/1951', 'unreadable'],
  ['32 1 1951', 'unreadable'],
] as const)
  test(`the birth date ${typed} is read as ${date}`, () => assert.equal(birthDateOf(typed), date))
