import { problem } from '../../base/problem.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { searchParameter, searchParametersOf } from './parameters.ts'

/** One `_include` or `_revinclude`: whose references to follow, by which parameters, to which types. */
export interface Include {
  readonly reverse: boolean
  /** Follows the references of what was included as well. */
  readonly iterate: boolean
  /** Type that holds the reference; undefined for `*`. */
  readonly source: string | undefined
  /** Reference parameters of the source; undefined for all. */
  readonly code: string | undefined
  readonly target: string | undefined
}

/** Decodes an include; undefined for the name of another parameter. */
export function includeOf(name: string, value: string): Include | undefined {
  const [, back, iterate] = /^_(rev)?include(:iterate|:recurse)?$/.exec(name) ?? []
  if (!/^_(?:rev)?include(?::|$)/.test(name)) return undefined
  const wrong = (why: string): Error =>
    problem('invalid', `"${value.slice(0, 80)}": ${why}`, { expression: name.slice(0, 40) })
  if (!/^_(?:rev)?include(?::iterate|:recurse)?$/.test(name)) throw wrong('the only modifier of an include is :iterate')
  const common = { reverse: back !== undefined, iterate: iterate !== undefined }
  if (value === '*') return { ...common, source: undefined, code: undefined, target: undefined }
  const [source = '', code = '', target, ...more] = value.split(':')
  if (typeNumber(source) === undefined || code === '' || more.length > 0)
    throw wrong('an include is written Type:parameter or Type:parameter:Target')
  if (target !== undefined && typeNumber(target) === undefined) throw wrong('the target is no resource type')
  if (code !== '*' && searchParameter(source, code)?.type !== 'reference')
    throw wrong(`${source} has no reference parameter of this name`)
  return { ...common, source, code: code === '*' ? undefined : code, target }
}

/** The reference parameters an include follows from resources of a type. */
export const referenceCodes = ({ code }: Include, source: string): readonly string[] =>
  code !== undefined
    ? [code]
    : searchParametersOf(source)
        .filter((each) => each.type === 'reference')
        .map((each) => each.code)
