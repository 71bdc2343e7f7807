import { problem } from '../../base/problem.ts'
import type { Criterion, Filter } from './criterion.ts'

/** Gives the comparison at the end of a path its `_filter` operator; refuses one that its kind does not have. */
export function withOperator(filter: Filter, operator: string): Filter {
  const { type, criteria, joined } = filter
  const [criterion] = criteria
  if (criterion !== undefined) return leaf(type, criterion, operator)
  const [chain] = joined
  if (chain?.kind === 'chain') {
    const targets = chain.targets.map((each) => withOperator(each, operator))
    return { type, criteria, joined: [{ ...chain, targets }] }
  }
  if (chain?.kind === 'has')
    return { type, criteria, joined: [{ ...chain, source: withOperator(chain.source, operator) }] }
  throw wrong('_filter', operator)
}

/** What an operator becomes: a modifier of search, a prefix before the value, or the opposite of either. */
interface Meaning {
  readonly modifier?: string
  readonly prefix?: string
  readonly opposite?: boolean
}

const ordered: Readonly<Record<string, Meaning>> = Object.fromEntries(
  ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'].map((prefix) => [prefix, { prefix }]),
)

/** R4, _filter parameter, table of operators: what each kind of parameter has of them. */
const meanings: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  string: {
    eq: { modifier: 'equals' },
    ne: { modifier: 'equals', opposite: true },
    co: { modifier: 'contains' },
    sw: { modifier: '' },
    ew: { modifier: 'ends' },
  },
  token: {
    eq: { modifier: '' },
    ne: { modifier: 'not' },
    co: { modifier: 'text' },
    ss: { modifier: 'above' },
    sb: { modifier: 'below' },
    in: { modifier: 'in' },
    ni: { modifier: 'not-in' },
  },
  reference: { eq: { modifier: '' }, re: { modifier: '' }, ne: { modifier: '', opposite: true } },
  uri: {
    eq: { modifier: '' },
    ne: { modifier: '', opposite: true },
    ss: { modifier: 'above' },
    sb: { modifier: 'below' },
  },
  date: { ...ordered, po: { prefix: 'po' } },
  number: ordered,
  quantity: ordered,
}

function leaf(type: string, criterion: Criterion, operator: string): Filter {
  const { parameter, values } = criterion
  if (criterion.modifier !== '') throw wrong(parameter.code, operator)
  if (operator === 'pr') {
    const [value] = values
    if (value !== 'true' && value !== 'false') throw wrong(parameter.code, operator)
    return only(type, { parameter, modifier: 'missing', values: [value === 'true' ? 'false' : 'true'] })
  }
  const meaning = (parameter.code.startsWith('_') ? ownMeanings[parameter.code] : undefined) ?? meanings[parameter.type]
  const found = meaning !== undefined && Object.hasOwn(meaning, operator) ? meaning[operator] : undefined
  if (found === undefined) throw wrong(parameter.code, operator)
  const { modifier = '', prefix = '', opposite = false } = found
  const made = only(type, { parameter, modifier, values: values.map((value) => `${prefix}${value}`) })
  return opposite ? { type, criteria: [], joined: [{ kind: 'not', of: made }] } : made
}

/** Ids have no text and no hierarchy. */
const ownMeanings: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  _id: { eq: { modifier: '' }, ne: { modifier: '', opposite: true } },
}

const only = (type: string, criterion: Criterion): Filter => ({ type, criteria: [criterion], joined: [] })

const wrong = (code: string, operator: string): Error =>
  problem('invalid', `The _filter cannot compare "${code}" by "${operator.slice(0, 20)}"`, { expression: '_filter' })
