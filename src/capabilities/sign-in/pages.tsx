import { Button } from 'nhsuk-react-components'
import type { ReactElement, ReactNode } from 'react'
import { actorWords, roleWords } from '../../platform/audience.ts'
import type { HtmlAnswer, Persona, PublicContext } from '../../platform/page.ts'
import { CardLink, type CardLinkProps, PlainCard } from '../../ui/cards.tsx'
import { Document, renderDocument } from '../../ui/document.tsx'
import { PlainHeader } from '../../ui/problem-page.tsx'

const shells = [
  {
    href: '/app',
    title: 'Front door',
    text: 'For people and their carers. See your record, your results and your medicines, and add a reading.',
  },
  {
    href: '/work',
    title: 'Workspace',
    text: 'For care teams. Find a person, read one record made from every source, and add to it.',
  },
  {
    href: '/control',
    title: 'Control room',
    text: 'For those who run the service. Waiting lists, flow and targets, counted from the record itself.',
  },
  {
    href: '/assure',
    title: 'Assurance desk',
    text: 'For those who check. Standards, suppliers, devices and safety.',
  },
] as const

/** Front ends that can be entered today. The others are named, not linked. */
const open: ReadonlySet<string> = new Set(['/app', '/work'])

/** `/`: what Linchpin is, and a card for each front end. */
export const startPage = (ctx: PublicContext): HtmlAnswer =>
  publicPage(
    ctx,
    'Linchpin',
    <>
      <p>One health and care record for each person, made from what every organisation holds.</p>
      <p>Demo: every person here is made up.</p>
      <Filling words={ctx.filling} />
      <div className="app-grid">
        {shells.map(({ href, title, text }) =>
          open.has(href) ? (
            <CardLink key={href} title={title} {...entranceOf(ctx.actor, href, text)} />
          ) : (
            <PlainCard key={href}>
              <h2>{title}</h2>
              <p>{text}</p>
              <p>Not open yet.</p>
            </PlainCard>
          ),
        )}
      </div>
    </>,
  )

/** Where a card leads: into one's own front end, or to a sign-in that may enter the other. */
function entranceOf(actor: PublicContext['actor'], href: string, text: string): Entrance {
  if (actor === undefined) return { href: '/auth/demo', description: text }
  if (shellOf(actor) === href) return { href, description: text }
  return { href: '/auth/demo', description: `${text} To go in, sign in as someone else.` }
}

type Entrance = Pick<CardLinkProps, 'href' | 'description'>

const shellOf = ({ kind }: NonNullable<PublicContext['actor']>): string => (kind === 'staff' ? '/work' : '/app')

/** `/auth/demo`: one card a persona. */
export const personasPage = (ctx: PublicContext): HtmlAnswer =>
  publicPage(
    ctx,
    'Choose who to sign in as',
    <>
      <p>Demo: every person here is made up.</p>
      <Filling words={ctx.filling} />
      {ctx.personas.length === 0 ? (
        <p>
          There is no one to sign in as. Demo sign-in is off, or the demo people are still being added: wait a minute
          and load this page again.
        </p>
      ) : (
        <div className="app-grid">
          {ctx.personas.map((persona) => (
            <PersonaCard key={persona.id} {...persona} />
          ))}
        </div>
      )}
    </>,
  )

/** Said while the care system fills: what is looked for may not be there yet. */
const Filling = ({ words }: { words: string | undefined }): ReactElement | null =>
  words === undefined ? null : <p>{words} You can sign in already; load this page again to see how far it is.</p>

const PersonaCard = ({ id, actor, place, task }: Persona): ReactElement => (
  <PlainCard>
    <h2>{actor.name}</h2>
    <p>{actor.kind === 'staff' ? `${roleOf(actor)}, ${place}` : roleOf(actor)}</p>
    <p>Try: {task.replace(/^Try: /, '')}</p>
    <form method="post" action="/auth/demo">
      <input type="hidden" name="persona" value={id} />
      <Button small>Sign in as {actor.name}</Button>
    </form>
  </PlainCard>
)

function roleOf(actor: Persona['actor']): string {
  switch (actor.kind) {
    case 'staff':
      return roleWords[actor.role].replace(/^./, (first) => first.toUpperCase())
    case 'carer':
      return `Carer: ${actor.relationship} of ${actor.personName}`
    case 'person':
      return 'Their own record'
    case 'system':
      return 'System'
  }
}

function publicPage({ actor, requestId }: PublicContext, heading: string, children: ReactNode): HtmlAnswer {
  const html = renderDocument(
    <Document shell="app" title={heading}>
      <PlainHeader />
      <div className="app-width app-width--wide">
        <main className="nhsuk-main-wrapper" id="maincontent">
          <h1>{heading}</h1>
          {actor === undefined ? null : <SignedIn words={actorWords(actor)} />}
          {children}
          <p className="app-reference">Reference {requestId}</p>
        </main>
      </div>
    </Document>,
  )
  return { kind: 'html', status: 200, html }
}

const SignedIn = ({ words }: { words: string }): ReactElement => (
  <form method="post" action="/auth/sign-out" className="app-signed-in">
    <p>You are signed in as {words}.</p>
    <Button small secondary>
      Sign out
    </Button>
  </form>
)
