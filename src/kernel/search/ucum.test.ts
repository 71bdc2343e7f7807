import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalUnit } from './ucum.ts'

const same = (one: string, other: string): boolean => canonicalUnit(one)?.key === canonicalUnit(other)?.key

for (const [value, unit, other, otherUnit] of [
  [70.5, 'kg', 70_500, 'g'],
  [1, '[lb_av]', 453.592_37, 'g'],
  [1, '[in_i]', 2.54, 'cm'],
  [60, '/min', 1, '/s'],
  [37, 'Cel', 98.6, '[degF]'],
  [37, 'Cel', 310.15, 'K'],
  [5, 'mmol/L', 0.005, 'mol/L'],
  [5, '10*3/uL', 5, '10*9/L'],
  [120, 'mm[Hg]', 15.998_64, 'kPa'],
  [1, '[iU]/mL', 1000, '[IU]/L'],
] as const)
  test(`${value} ${unit} is ${other} ${otherUnit}`, () => {
    assert.ok(same(unit, otherUnit))
    assert.equal(canonicalUnit(unit)?.toBase(value), canonicalUnit(otherUnit)?.toBase(other))
  })

for (const [one, other] of [
  ['kg', 'cm'],
  ['mmol/L', '10*9/L'],
  ['mg/dL', 'mmol/L'],
  ['mL/min', 'mL/min/{1.73_m2}'],
  ['{score}', '1'],
  ['[iU]/L', 'U/L'],
] as const)
  test(`${one} is never compared with ${other}`, () => assert.ok(!same(one, other)))

for (const code of ['Kg', 'mmHg', '{a}kg', 'kgs', '', '(score)', '[pH]', '('.repeat(59), '9'.repeat(500)])
  test(`"${code.slice(0, 20)}" has no canonical form`, () => assert.equal(canonicalUnit(code), undefined))
