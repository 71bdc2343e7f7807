import type { ElementDefinition } from 'fhir/r4.js'
import { compileValue, limit, type Structures, type ValueCheck } from './compiled.ts'
import { type Discriminate, discriminatorOf } from './discriminator.ts'
import type { ElementNode } from './element-tree.ts'

/** How the values of an element are told apart, and what is asked of each kind. */
export interface Slicing {
  readonly ordered: boolean
  readonly rules: 'open' | 'closed' | 'openAtEnd'
  readonly slices: readonly Slice[]
}

export interface Slice {
  readonly name: string
  readonly min: number
  readonly max: number
  /** Whether a value is of this slice: undefined when it cannot be told. */
  readonly matches: Discriminate
  readonly check: ValueCheck
  readonly slicing?: Slicing
  readonly mustSupport: boolean
}

/** The slicing of an element; undefined when it has none. */
export function compileSlicing(node: ElementNode, type: string, structures: Structures): Slicing | undefined {
  const top = node.slices.filter((each) => !isWithin(each, node.slices))
  return compileSlices(slicingOf(node), top, node.slices, type, structures)
}

function compileSlices(
  slicing: ElementDefinition['slicing'],
  slices: readonly ElementNode[],
  all: readonly ElementNode[],
  type: string,
  structures: Structures,
): Slicing | undefined {
  if (slicing === undefined) return undefined
  if (slices.length === 0 && slicing.rules !== 'closed') return undefined
  return {
    ordered: slicing.ordered === true,
    rules: slicing.rules ?? 'open',
    slices: slices.map((node, position) => {
      const codes = (node.element.type ?? []).map((each) => each.code)
      const own =
        codes.length === 1 && codes[0] !== undefined && codes[0] !== 'BackboneElement' && codes[0] !== 'Resource'
          ? codes[0]
          : type
      const inner = all.filter((each) => each !== node && each.slice?.startsWith(`${node.slice}/`) === true)
      const nested = compileSlices(
        node.element.slicing ?? (inner.length > 0 ? slicing : undefined),
        inner,
        inner,
        type,
        structures,
      )
      return {
        name: node.slice ?? '',
        min: node.element.min ?? 0,
        max: limit(node.element.max),
        matches: discriminatorOf(slicing.discriminator ?? [], node, position, type, structures),
        check: compileValue(node, own.startsWith('http') ? 'string' : own, structures),
        mustSupport: node.element.mustSupport === true,
        ...(nested === undefined ? {} : { slicing: nested }),
      }
    }),
  }
}

const isWithin = (node: ElementNode, all: readonly ElementNode[]): boolean =>
  all.some((each) => each !== node && node.slice?.startsWith(`${each.slice}/`) === true)

/** An element with slices that does not say how to tell them apart: extensions by URL, choices by type. */
function slicingOf({ element, name, slices }: ElementNode): ElementDefinition['slicing'] {
  if (element.slicing !== undefined) return element.slicing
  if (slices.length === 0) return undefined
  if (name === 'extension' || name === 'modifierExtension')
    return { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' }
  return name.endsWith('[x]') ? { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' } : undefined
}
