import { problem } from '../../base/problem.ts'

/**
 * A regular expression of a value set's filter, as a test of whole codes that takes time in proportion to the code's
 * length whatever the expression is: a state machine, where JavaScript's own would try every way of matching.
 */
export function codePattern(source: string): (code: string) => boolean {
  if (source.length > longestPattern) throw refused(`it has more than ${longestPattern} characters`)
  const machine: Machine = { states: [] }
  const reader: Reader = { source, at: 0 }
  const whole = alternatives(reader)
  if (reader.at < source.length) throw refused(`"${source[reader.at]}" closes nothing`)
  const end = state(machine, { kind: 'end' })
  const start = build(machine, whole, end)
  return (code) => matches(machine, start, code)
}

const longestPattern = 200
const mostStates = 500
const mostRepeats = 100

const refused = (why: string): Error =>
  problem('invalid', `A regex filter cannot be used: ${why}`, { expression: 'ValueSet.compose.include.filter.value' })

type Test = (character: string) => boolean

type Part =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'all'; readonly parts: readonly Part[] }
  | { readonly kind: 'any'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly least: number; readonly most: number }

interface Reader {
  readonly source: string
  at: number
}

function alternatives(reader: Reader): Part {
  const parts = [sequence(reader)]
  while (reader.source[reader.at] === '|') {
    reader.at += 1
    parts.push(sequence(reader))
  }
  return { kind: 'any', parts }
}

function sequence(reader: Reader): Part {
  const parts: Part[] = []
  for (;;) {
    const next = reader.source[reader.at]
    if (next === undefined || next === '|' || next === ')') return { kind: 'all', parts }
    // The whole code is compared in any case.
    if (next === '^' || next === '$') {
      const outermost = next === '^' ? reader.at === 0 : reader.at === reader.source.length - 1
      if (!outermost) throw refused(`"${next}" stands inside it`)
      reader.at += 1
    } else parts.push(repeated(reader, single(reader)))
  }
}

const counts: Readonly<Record<string, readonly [number, number]>> = {
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
  '?': [0, 1],
}

function repeated(reader: Reader, part: Part): Part {
  let made = part
  for (;;) {
    const next = reader.source[reader.at] ?? ''
    const count = next === '{' ? braces(reader) : counts[next]
    if (count === undefined) return made
    if (next !== '{') reader.at += 1
    // Lazy or not makes no difference to whether the whole matches.
    if (reader.source[reader.at] === '?') reader.at += 1
    made = { kind: 'repeat', part: made, least: count[0], most: count[1] }
  }
}

function braces(reader: Reader): readonly [number, number] {
  const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(reader.source.slice(reader.at))
  if (found === null) throw refused('"{" must be followed by a count such as {2} or {1,3}')
  reader.at += found[0].length
  const least = Number(found[1])
  const most = found[2] === undefined ? least : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])
  if (least > mostRepeats || (Number.isFinite(most) && most > mostRepeats) || most < least)
    throw refused(`a count must be at most ${mostRepeats}, the smaller number first`)
  return [least, most]
}

function single(reader: Reader): Part {
  const next = reader.source[reader.at] ?? ''
  reader.at += 1
  if (next === '(') return group(reader)
  if (next === '[') return { kind: 'one', test: characterClass(reader) }
  if (next === '.') return { kind: 'one', test: () => true }
  if (next === '\\') return { kind: 'one', test: escaped(reader) }
  if ('*+?{'.includes(next)) throw refused(`"${next}" has nothing before it`)
  return { kind: 'one', test: (character) => character === next }
}

function group(reader: Reader): Part {
  if (reader.source[reader.at] === '?') {
    if (reader.source[reader.at + 1] !== ':') throw refused('it looks ahead or behind')
    reader.at += 2
  }
  const inside = alternatives(reader)
  if (reader.source[reader.at] !== ')') throw refused('"(" is not closed')
  reader.at += 1
  return inside
}

const kinds: Readonly<Record<string, Test>> = {
  d: (character) => /\d/.test(character),
  D: (character) => /\D/.test(character),
  w: (character) => /\w/.test(character),
  W: (character) => /\W/.test(character),
  s: (character) => /\s/.test(character),
  S: (character) => /\S/.test(character),
}

function escaped(reader: Reader): Test {
  const next = reader.source[reader.at]
  reader.at += 1
  if (next === undefined) throw refused('it ends with a backslash')
  const kind = kinds[next]
  if (kind !== undefined) return kind
  if (/[A-Za-z0-9]/.test(next)) throw refused(`\\${next} is not known here`)
  return (character) => character === next
}

function characterClass(reader: Reader): Test {
  const negated = reader.source[reader.at] === '^'
  if (negated) reader.at += 1
  const tests: Test[] = []
  while (reader.source[reader.at] !== ']' || tests.length === 0) {
    const first = reader.source[reader.at]
    if (first === undefined) throw refused('"[" is not closed')
    reader.at += 1
    if (first === '\\') {
      tests.push(escaped(reader))
      continue
    }
    const last = reader.source[reader.at + 1]
    if (reader.source[reader.at] === '-' && last !== undefined && last !== ']') {
      reader.at += 2
      tests.push((character) => character >= first && character <= last)
    } else tests.push((character) => character === first)
  }
  reader.at += 1
  return (character) => tests.some((test) => test(character)) !== negated
}

type State =
  | { readonly kind: 'end' }
  | { readonly kind: 'one'; readonly test: Test; readonly next: number }
  | { readonly kind: 'fork'; next: readonly number[] }

interface Machine {
  readonly states: State[]
}

function state(machine: Machine, made: State): number {
  if (machine.states.length >= mostStates) throw refused('it repeats too much')
  return machine.states.push(made) - 1
}

/** Adds the states of a part in front of `next` and answers where it starts. */
function build(machine: Machine, part: Part, next: number): number {
  switch (part.kind) {
    case 'one':
      return state(machine, { kind: 'one', test: part.test, next })
    case 'all':
      return part.parts.reduceRight((after, each) => build(machine, each, after), next)
    case 'any':
      return state(machine, { kind: 'fork', next: part.parts.map((each) => build(machine, each, next)) })
    case 'repeat':
      return buildRepeat(machine, part, next)
  }
}

function buildRepeat(machine: Machine, part: Part & { kind: 'repeat' }, next: number): number {
  let start = next
  if (part.most === Number.POSITIVE_INFINITY) {
    const loop: State = { kind: 'fork', next: [] }
    start = state(machine, loop)
    loop.next = [build(machine, part.part, start), next]
  } else
    for (let count = part.least; count < part.most; count += 1)
      start = state(machine, { kind: 'fork', next: [build(machine, part.part, start), next] })
  for (let count = 0; count < part.least; count += 1) start = build(machine, part.part, start)
  return start
}

function matches({ states }: Machine, start: number, code: string): boolean {
  let live = follow(states, [start])
  for (const character of code) {
    const next: number[] = []
    for (const at of live) {
      const each = states[at]
      if (each?.kind === 'one' && each.test(character)) next.push(each.next)
    }
    if (next.length === 0) return false
    live = follow(states, next)
  }
  return [...live].some((at) => states[at]?.kind === 'end')
}

function follow(states: readonly State[], from: readonly number[]): ReadonlySet<number> {
  const found = new Set(from)
  for (const at of found) {
    const each = states[at]
    if (each?.kind === 'fork') for (const next of each.next) found.add(next)
  }
  return found
}
