import { problem } from '../base/problem.ts'
import type { Actor } from '../kernel/access/actor.ts'
import type { Capability, Page, PrivatePage, PublicPage } from './capability.ts'
import {
  type Audience,
  audienceOf,
  type MenuLink,
  type PageAnswer,
  type PageContext,
  type PageRequest,
  type PublicContext,
} from './page.ts'

interface RouteBase {
  readonly method: 'GET' | 'POST'
  readonly pattern: string
  /** Capability and page, for the audit and the log: `record/timeline`. */
  readonly name: string
}

/** Mounted for everyone. */
export interface PublicRoute extends RouteBase {
  readonly access: 'public'
  readonly handle: (ctx: PublicContext, request: PageRequest) => PageAnswer
}

/** Mounted for those it allows: anyone else gets what a stranger gets, the 404 page. */
export interface PrivateRoute extends RouteBase {
  readonly access: 'private'
  readonly allowed: (actor: Actor) => boolean
  readonly handle: (ctx: PageContext, request: PageRequest) => Promise<PageAnswer>
}

export type Route = PublicRoute | PrivateRoute

/** All routes of the given capabilities, for the server to mount. Two pages on one path are a mistake of ours. */
export function routesOf(capabilities: readonly Capability[]): readonly Route[] {
  const pages = capabilities.flatMap((capability) => capability.pages)
  const menuOf: MenuOf = (actor) =>
    pages.flatMap(({ menu, pattern, audiences }) =>
      menu !== undefined && audiences !== 'everyone' && isAmong(audiences, actor)
        ? [{ href: pattern, text: menu }]
        : [],
    )
  const routes = capabilities.flatMap((capability) => capability.pages.map((page) => routeOf(capability, page, menuOf)))
  const seen = new Set<string>()
  for (const { method, pattern, name } of routes) {
    const key = `${method} ${pattern.replaceAll(/:[^/]+/g, ':')}`
    if (seen.has(key)) throw new Error(`Two pages answer ${key}: one is ${name}`)
    seen.add(key)
  }
  return routes
}

type MenuOf = (actor: Actor) => readonly MenuLink[]

function isAmong(audiences: readonly Audience[], actor: Actor): boolean {
  const audience = audienceOf(actor)
  return audience !== undefined && audiences.includes(audience)
}

function routeOf(capability: Capability, page: Page, menuOf: MenuOf): Route {
  const base = { method: page.method, pattern: page.pattern, name: `${capability.id}/${page.id}` }
  return page.audiences === 'everyone' ? publicRoute(base, page) : privateRoute(base, page, menuOf)
}

const publicRoute = (base: RouteBase, page: PublicPage): PublicRoute => ({
  ...base,
  access: 'public',
  handle: page.handle,
})

function privateRoute(base: RouteBase, page: PrivatePage, menuOf: MenuOf): PrivateRoute {
  const { audiences, handle } = page
  const allowed = (actor: Actor): boolean => isAmong(audiences, actor)
  return {
    ...base,
    access: 'private',
    allowed,
    handle: async (ctx, request) => {
      if (!allowed(ctx.actor)) throw problem('not-found', 'Page not found')
      if (page.method === 'POST') checkToken(request)
      return handle({ ...ctx, menu: menuOf(ctx.actor) }, request)
    },
  }
}

function checkToken({ form, session }: PageRequest): void {
  if (session.csrfToken !== '' && form.get('csrf') === session.csrfToken) return
  throw problem('forbidden', 'This form was opened in another sign-in. Open the page again and send it once more.')
}
