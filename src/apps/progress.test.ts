import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startProgress } from './progress.ts'

function shown(isTTY: boolean, columns: number, seconds: number, done: number, total?: number): string {
  let text = ''
  let time = 0
  const stream = { isTTY, columns, write: (piece: string) => (text += piece) }
  const progress = startProgress('Importing', 'resources', stream, () => time)
  time = seconds * 1000
  progress.report(done, total)
  progress.end()
  return text
}

test('a terminal gets a bar with rate and time left', () => {
  const text = shown(true, 120, 10, 25_000, 100_000)
  assert.match(text, /^\rImporting █{8}░{22} 25% {2}25,000 of 100,000 resources {2}2,500 resources\/s {2}30 s left/)
})

test('a bar never fills more than its line', () => {
  const line = shown(true, 40, 10, 25_000, 100_000).replace(/^\r/, '').split('\u001B')[0] ?? ''
  assert.ok(line.length < 40)
})

test('without a total there is a count and a rate', () => {
  assert.match(shown(true, 120, 2, 5000), /Importing 5,000 resources {2}2,500 resources\/s/)
})

test('a program gets one line of JSON', () => {
  assert.deepEqual(JSON.parse(shown(false, 0, 10, 25, 100)), {
    progress: 'Importing',
    unit: 'resources',
    done: 25,
    total: 100,
    rate: 2.5,
    secondsLeft: 30,
  })
})

test('nothing to do is all done', () => {
  assert.match(shown(true, 120, 1, 0, 0), /100%/)
})
