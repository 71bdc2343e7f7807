import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Expression } from '../../src/kernel/terminology/ecl/expression.ts'

// Small releases in the shape of the published ones, made here. Identifiers are invented and have right check digits.

/** Identifier of a made-up component, with its check digit. */
export const id = (item: number, partition = '00'): string => {
  const digits = `${7_000_000 + item}${partition}`
  return digits + verhoeffDigit(digits)
}

/** Verhoeff's check digit by the dihedral group of ten elements (SNOMED CT Release File Specification, 6.2). */
function verhoeffDigit(digits: string): number {
  const base = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
  const times = (a: number, b: number): number =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5
  let check = 0
  for (const [place, digit] of digits.split('').toReversed().entries()) {
    let permuted = Number(digit)
    for (let round = 0; round <= place % 8; round += 1) permuted = base[permuted]!
    check = times(check, permuted)
  }
  return [0, 4, 3, 2, 1, 5, 6, 7, 8, 9][check]!
}

/** Rows as a release file has them. */
const snapshot = (rows: readonly (readonly (string | number)[])[]): string =>
  `header\n${rows.map((row) => row.join('\t')).join('\n')}\n`

/** Concepts numbered from 0, what they are, and what is said of them. */
export interface Hierarchy {
  /** `parents[n]` are smaller numbers. */
  readonly parents: readonly (readonly number[])[]
  readonly attributes: readonly (readonly [concept: number, type: number, value: number, group: number])[]
  readonly members: readonly (readonly [refset: number, member: number])[]
}

/** Writes a hierarchy as files of an RF2 snapshot; answers the folder. */
export function writeSnomed(folder: string, { parents, attributes, members }: Hierarchy, date = '20260101'): string {
  mkdirSync(folder, { recursive: true })
  const concepts = parents.map((_, n) => [id(n), date, 1, '83821000000107', '900000000000074008'])
  const descriptions = parents.flatMap((_, n) => [
    [id(n, '01'), date, 1, 'm', id(n), 'en', '900000000000003001', `Thing number ${n} (finding)`, 'c'],
    [id(1000 + n, '01'), date, 1, 'm', id(n), 'en', '900000000000013009', `Thing ${n} café`, 'c'],
  ])
  const languages = parents.map((_, n) => [
    n,
    date,
    1,
    'm',
    '999001261000000100',
    id(1000 + n, '01'),
    '900000000000548007',
  ])
  const edges = parents.flatMap((above, n) =>
    above.map((each) => [n, date, 1, 'm', id(n), id(each), 0, '116680003', 'x', 'y']),
  )
  const others = attributes.map(([concept, type, value, group]) => [
    0,
    date,
    1,
    'm',
    id(concept),
    id(value),
    group,
    id(type),
    'x',
    'y',
  ])
  const refsets = members.map(([refset, member]) => [0, date, 1, 'm', id(refset), id(member)])
  for (const [name, rows] of [
    ['sct2_Concept_Snapshot', concepts],
    ['sct2_Description_Snapshot-en', descriptions],
    ['der2_cRefset_LanguageSnapshot-en', languages],
    ['sct2_Relationship_Snapshot', [...edges, ...others]],
    ['der2_Refset_SimpleSnapshot', refsets],
  ] as const)
    writeFileSync(join(folder, `${name}_GB1000000_${date}.txt`), snapshot(rows))
  return folder
}

/** What an expression selects, worked out one concept after the other. */
export function naive(hierarchy: Hierarchy, expression: Expression): ReadonlySet<number> {
  const all = hierarchy.parents.map((_, n) => n)
  const above = (n: number): Set<number> =>
    new Set((hierarchy.parents[n] ?? []).flatMap((each) => [each, ...above(each)]))
  const number = (code: string): number => all.find((n) => id(n) === code) ?? -1
  switch (expression.kind) {
    case 'any':
      return new Set(all)
    case 'concept':
      return new Set([number(expression.code)].filter((n) => n >= 0))
    case 'and':
      return naive(hierarchy, expression.left).intersection(naive(hierarchy, expression.right))
    case 'or':
      return naive(hierarchy, expression.left).union(naive(hierarchy, expression.right))
    case 'minus':
      return naive(hierarchy, expression.left).difference(naive(hierarchy, expression.right))
    case 'related': {
      const of = naive(hierarchy, expression.of)
      const some = (test: (n: number) => boolean): Set<number> => new Set(all.filter(test))
      const own = expression.relation.endsWith('OrSelf')
      const kind = expression.relation.replace('OrSelf', '')
      const is = (n: number): boolean =>
        (own && of.has(n)) ||
        (kind === 'descendants' && [...above(n)].some((each) => of.has(each))) ||
        (kind === 'ancestors' && [...of].some((each) => above(each).has(n))) ||
        (kind === 'children' && (hierarchy.parents[n] ?? []).some((each) => of.has(each))) ||
        (kind === 'parents' && [...of].some((each) => (hierarchy.parents[each] ?? []).includes(n))) ||
        (kind === 'members' && hierarchy.members.some(([refset, member]) => of.has(refset) && member === n))
      return some(is)
    }
    case 'refined': {
      const { by } = expression
      if (by.kind !== 'attribute') throw new Error('not made here')
      const names = naive(hierarchy, by.name)
      const values = naive(hierarchy, by.value)
      const has = (n: number): boolean =>
        hierarchy.attributes.some(
          ([concept, type, value]) => concept === n && names.has(type) && values.has(value) === by.equal,
        )
      return new Set([...naive(hierarchy, expression.focus)].filter(has))
    }
  }
}

const size = 14
/** Random hierarchies without circles. */
export const made: fc.Arbitrary<Hierarchy> = fc.record({
  parents: fc
    .tuple(
      ...Array.from({ length: size }, (_, n) =>
        fc.uniqueArray(fc.nat(Math.max(0, n - 1)), { maxLength: n === 0 ? 0 : 3 }),
      ),
    )
    .map((all) => all.map((each, n) => each.filter((parent) => parent < n))),
  attributes: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.nat(size - 1), fc.nat(2)), { maxLength: 12 }),
  members: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 8 }),
})

const code = fc.nat(size - 1).map((n) => `${id(n)} |a term|`)
const operator = fc.constantFrom(
  '',
  '<',
  '<<',
  '>',
  '>>',
  '<!',
  '<<!',
  '>!',
  '>>!',
  '^',
  'descendantOrSelfOf ',
  'memberOf ',
)
const simple = fc.oneof(
  fc.tuple(operator, code).map(([left, right]) => left + right),
  fc.constant('*'),
)
/** Random expressions over them. */
export const compound = fc.oneof(
  fc.tuple(simple, fc.constantFrom('AND', 'or', 'MINUS'), simple).map((parts) => parts.join(' ')),
  fc
    .tuple(operator, simple, fc.constantFrom('OR', 'minus'), simple)
    .map(([op, a, word, b]) => `${op}(${a} ${word} ${b})`),
  fc
    .tuple(simple, simple, fc.constantFrom('=', '!='), simple)
    .map(([focus, name, equals, value]) => `${focus} : ${name} ${equals} ${value}`),
  simple,
)
