import type { DeclaredView } from '../kernel/views/registry.ts'
import type { Audience, HandlerContext, PageAnswer, PageRequest, PublicContext } from './page.ts'

/** The kinds of page there are; each has one shape everywhere. */
export type PageKind = 'list' | 'detail' | 'form' | 'journey' | 'board' | 'report'

interface PageDeclaration {
  readonly id: string
  readonly kind: PageKind
  readonly method: 'GET' | 'POST'
  /** Path with `:name` for parameters: `/work/people/:person/timeline`. */
  readonly pattern: string
  /** Its words in the main menu, when it has a place there. */
  readonly menu?: string
}

/** A page for the audiences it names, and a 404 for everyone else. */
export interface PrivatePage extends PageDeclaration {
  readonly audiences: readonly Audience[]
  readonly handle: (ctx: HandlerContext, request: PageRequest) => Promise<PageAnswer>
}

/** A page that needs no sign-in. It is given no means to read a record. */
export interface PublicPage extends PageDeclaration {
  readonly audiences: 'everyone'
  readonly handle: (ctx: PublicContext, request: PageRequest) => PageAnswer
}

export type Page = PrivatePage | PublicPage

/** Something that can go wrong for a person, and what this capability does about it. */
export interface Hazard {
  readonly id: string
  readonly hazard: string
  readonly control: string
}

/** A folder of `src/capabilities`: read this and you know what it is. */
export interface Capability {
  readonly id: string
  readonly title: string
  /** One sentence: who can do what with it. */
  readonly purpose: string
  readonly pages: readonly Page[]
  readonly hazards: readonly Hazard[]
  /** SQL on FHIR views that its pages read, kept live from the first start on. */
  readonly views?: readonly DeclaredView[]
}

/** Declares a capability; composition is a plain list in `apps`. */
export function defineCapability(capability: Capability): Capability {
  return capability
}
