import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soundex } from './soundex.ts'

for (const [name, code] of [
  ['Smith', 'S530'],
  ['Smythe', 'S530'],
  ['Robert', 'R163'],
  ['Rupert', 'R163'],
  ['Ashcraft', 'A261'],
  ['Tymczak', 'T522'],
  ['Pfister', 'P236'],
  ["O'Reilly", 'O640'],
  ['OReilly', 'O640'],
  ['Kociński', 'K252'],
  ['Lee', 'L000'],
  ['', ''],
  ['李', ''],
] as const)
  test(`Soundex of "${name}" is "${code}"`, () => assert.equal(soundex(name), code))
