import type { Clock } from '../base/clock.ts'
import type { Actor, StaffRole } from '../kernel/access/actor.ts'
import type { Context } from '../kernel/access/context.ts'
import type { Session } from '../kernel/access/sessions.ts'
import type { RecordStore } from './record-port.ts'

/** What a page of a signed-in actor is given. */
export interface PageContext extends Context {
  readonly records: RecordStore
}

/** A link of the main menu of a shell. */
export interface MenuLink {
  readonly href: string
  readonly text: string
}

/** What a page's handler is given: the server's context and the menu that this actor's pages make. */
export interface HandlerContext extends PageContext {
  readonly menu: readonly MenuLink[]
}

/** Someone a visitor may sign in as in demo mode. */
export interface Persona {
  readonly id: string
  readonly actor: Actor
  /** Where they work or live, in words: "Park Surgery". */
  readonly place: string
  /** One thing to try: "Find Margaret Hill and read her timeline". */
  readonly task: string
}

/** What a page without sign-in is given. */
export interface PublicContext {
  readonly requestId: string
  readonly clock: Clock
  readonly personas: readonly Persona[]
  /** How far the filling of the demo care system is, in words, while it goes on. */
  readonly filling?: string
  /** Whoever is signed in already, if anyone. */
  readonly actor?: Actor
}

/** A request, decoded as far as every page needs. */
export interface PageRequest {
  /** Path and query, as asked. */
  readonly url: string
  /** Values of the `:names` in the route's pattern. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Empty for GET. */
  readonly form: URLSearchParams
  readonly session: Session
}

/** A page to show. 422 when a form came back with errors. */
export interface HtmlAnswer {
  readonly kind: 'html'
  readonly status: 200 | 422
  readonly html: string
}

/** 303 See other, with what the server must do to the session on the way. */
export interface RedirectAnswer {
  readonly kind: 'redirect'
  readonly to: string
  /** Id of the persona to sign in as (demo mode). */
  readonly signIn?: string
  readonly signOut?: true
  /** Id of a person to add to `session.confirmedPeople`. */
  readonly confirmedPerson?: string
}

export type PageAnswer = HtmlAnswer | RedirectAnswer

/** Kinds of actor a page can be for: a role, a person, a carer. Systems use the API. */
export type Audience = StaffRole | 'person' | 'carer'

/** Which audience an actor belongs to; a system belongs to none. */
export function audienceOf(actor: Actor): Audience | undefined {
  if (actor.kind === 'system') return undefined
  return actor.kind === 'staff' ? actor.role : actor.kind
}
