import { isExactNumber, parseExact } from '../../../base/exact-json.ts'
import { isObject } from '../../../base/json.ts'
import { problem } from '../../../base/problem.ts'

/** Most operations of one patch. */
export const mostPatchOperations = 10_000
/** `copy` can double a document each time: what all copies of one patch may add, in characters. */
const mostCopied = 16 * 1024 * 1024

/**
 * Applies a JSON Patch (RFC 6902) to a document parsed by `parseExact`, and answers the new document; the old one is
 * used up. No library: those that there are lose the digits of numbers.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw problem('invalid', 'A JSON Patch is an array of operations')
  if (patch.length > mostPatchOperations)
    throw problem('invalid', `A patch has at most ${mostPatchOperations} operations`, { status: 413 })
  const work: Work = { root: document, copied: 0 }
  patch.forEach((operation: unknown, index) => {
    if (!isObject(operation)) throw malformed(index, 'An operation is an object')
    const { op } = operation
    const run = typeof op === 'string' && Object.hasOwn(operations, op) ? operations[op] : undefined
    if (run === undefined) throw malformed(index, `op must be one of ${Object.keys(operations).join(', ')}`)
    run(work, operation, index)
  })
  return work.root
}

interface Work {
  root: unknown
  copied: number
}

type Run = (work: Work, operation: Readonly<Record<string, unknown>>, index: number) => void

const operations: Readonly<Record<string, Run>> = {
  add: (work, operation, index) => add(work, pointer(operation, 'path', index), valueOf(operation, index), index),
  remove: (work, operation, index) => void remove(work, pointer(operation, 'path', index), index),
  replace: (work, operation, index) => {
    const path = pointer(operation, 'path', index)
    const value = valueOf(operation, index)
    if (path.length > 0) remove(work, path, index)
    add(work, path, value, index)
  },
  move: (work, operation, index) => {
    const [from, path] = [pointer(operation, 'from', index), pointer(operation, 'path', index)]
    if (from.length < path.length && from.every((step, at) => step === path[at]))
      throw malformed(index, 'A value cannot be moved into itself')
    add(work, path, remove(work, from, index), index)
  },
  copy: (work, operation, index) => {
    const text = JSON.stringify(valueAt(work.root, pointer(operation, 'from', index), index))
    work.copied += text.length
    if (work.copied > mostCopied) throw problem('invalid', 'This patch copies too much', { status: 413 })
    add(work, pointer(operation, 'path', index), parseExact(text, 'A copy'), index)
  },
  test: (work, operation, index) => {
    const found = valueAt(work.root, pointer(operation, 'path', index), index)
    if (!same(found, valueOf(operation, index))) throw failed(index, 'The value is not the one that the patch expects')
  },
}

const malformed = (index: number, message: string): Error =>
  problem('invalid', `${message} (operation ${index} of the patch)`, { expression: `patch[${index}]` })

/** FHIR R4 http, patch: "If a test operation fails, the server should return 422". */
const failed = (index: number, message: string): Error =>
  problem('rule', `${message} (operation ${index} of the patch)`, { expression: `patch[${index}]` })

/** The steps of a JSON Pointer (RFC 6901). */
function pointer(operation: Readonly<Record<string, unknown>>, name: string, index: number): readonly string[] {
  const text = operation[name]
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/')))
    throw malformed(index, `${name} must be a JSON Pointer`)
  const steps = text.split('/').slice(1)
  if (steps.some((step) => /~(?![01])/.test(step))) throw malformed(index, `${name} must be a JSON Pointer`)
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueOf(operation: Readonly<Record<string, unknown>>, index: number): unknown {
  if (!Object.hasOwn(operation, 'value')) throw malformed(index, 'value is missing')
  return operation['value']
}

const isContainer = (value: unknown): value is Record<string, unknown> => isObject(value) && !isExactNumber(value)

function child(container: unknown, step: string, index: number): unknown {
  if (Array.isArray(container)) return container[place(container, step, container.length - 1, index)]
  if (!isContainer(container) || !Object.hasOwn(container, step))
    throw failed(index, `There is no "${step.slice(0, 60)}" where the patch looks for it`)
  return container[step]
}

const valueAt = (root: unknown, path: readonly string[], index: number): unknown =>
  path.reduce<unknown>((value, step) => child(value, step, index), root)

function place(array: readonly unknown[], step: string, most: number, index: number): number {
  if (!/^(0|[1-9]\d{0,8})$/.test(step)) throw failed(index, `"${step.slice(0, 60)}" is no place in an array`)
  if (Number(step) > most) throw failed(index, `The array has ${array.length} elements`)
  return Number(step)
}

function add(work: Work, path: readonly string[], value: unknown, index: number): void {
  const step = path.at(-1)
  if (step === undefined) {
    work.root = value
    return
  }
  const parent = valueAt(work.root, path.slice(0, -1), index)
  if (Array.isArray(parent))
    parent.splice(step === '-' ? parent.length : place(parent, step, parent.length, index), 0, value)
  else if (isContainer(parent) && step !== '__proto__') parent[step] = value
  else throw failed(index, 'Nothing can be added there')
}

function remove(work: Work, path: readonly string[], index: number): unknown {
  const step = path.at(-1)
  if (step === undefined) throw failed(index, 'A resource is not removed by a patch')
  const parent = valueAt(work.root, path.slice(0, -1), index)
  const value = child(parent, step, index)
  if (Array.isArray(parent)) parent.splice(Number(step), 1)
  else if (isContainer(parent)) delete parent[step]
  return value
}

/** Equality of RFC 6902 section 4.6: numbers by value, members in any order. */
function same(a: unknown, b: unknown): boolean {
  if (isExactNumber(a) || isExactNumber(b))
    return isExactNumber(a) && isExactNumber(b) && Number(a.rawJSON) === Number(b.rawJSON)
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => same(each, b[at]))
  if (!isObject(a) || !isObject(b)) return a === b
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
}
