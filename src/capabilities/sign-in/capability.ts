import { problem } from '../../base/problem.ts'
import { defineCapability } from '../../platform/capability.ts'
import type { PublicContext } from '../../platform/page.ts'
import { personasPage, startPage } from './pages.tsx'

/** The start page, and in demo mode the choice of whom to sign in as. */
export const signIn = defineCapability({
  id: 'sign-in',
  title: 'Sign in',
  purpose: 'Anyone can see what Linchpin is; in demo mode anyone can sign in as one of the made-up people.',
  hazards: [
    {
      id: 'H-SIGN-IN-1',
      hazard: 'A visitor takes demo people for real ones, or enters real data.',
      control: 'Every page says that the people are made up; demo sign-in exists only in demo mode.',
    },
  ],
  pages: [
    {
      id: 'start',
      kind: 'list',
      method: 'GET',
      pattern: '/',
      audiences: 'everyone',
      handle: (ctx) => startPage(ctx),
    },
    {
      id: 'personas',
      kind: 'list',
      method: 'GET',
      pattern: '/auth/demo',
      audiences: 'everyone',
      handle: (ctx) => personasPage(ctx),
    },
    {
      id: 'sign-in',
      kind: 'form',
      method: 'POST',
      pattern: '/auth/demo',
      audiences: 'everyone',
      handle: (ctx, { form }) => {
        const persona = personaNamed(ctx, form.get('persona'))
        return { kind: 'redirect', to: persona.actor.kind === 'staff' ? '/work' : '/app', signIn: persona.id }
      },
    },
    {
      id: 'sign-out',
      kind: 'form',
      method: 'POST',
      pattern: '/auth/sign-out',
      audiences: 'everyone',
      handle: () => ({ kind: 'redirect', to: '/', signOut: true }),
    },
  ],
})

function personaNamed({ personas }: PublicContext, id: string | null): PublicContext['personas'][number] {
  const persona = personas.find((candidate) => candidate.id === id)
  if (persona === undefined) throw problem('invalid', 'Choose one of the people on the list')
  return persona
}
