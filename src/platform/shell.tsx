import { BackLink } from 'nhsuk-react-components'
import type { ReactElement, ReactNode } from 'react'
import { AppFooter, AppHeader, ProxyBar } from '../ui/app-header.tsx'
import { Document, type LiveSource, renderDocument } from '../ui/document.tsx'
import { momentText } from '../ui/format/dates.ts'
import { StaffFooter, StaffHeader } from '../ui/staff-header.tsx'
import { actorWords } from './audience.ts'
import type { HandlerContext, HtmlAnswer } from './page.ts'

interface PageParts {
  /** The h1, and the start of the title unless `title` says more. */
  readonly heading: string
  /** Names the person or the list, above the h1. */
  readonly caption?: string | undefined
  readonly title?: string
  readonly current: string
  readonly back?: { readonly href: string; readonly text: string }
  readonly live?: LiveSource
  /** The form came back with errors. */
  readonly failed?: boolean
  /** Stands before the h1: error summary, success banner. */
  readonly before?: ReactNode
  readonly children: ReactNode
}

export interface StaffPageParts extends PageParts {
  /** Banner and section menu of a record, between header and main. */
  readonly record?: ReactNode
  readonly skips?: readonly { readonly href: string; readonly text: string }[]
}

/** A page of `/work`. */
export function staffPage(ctx: HandlerContext, parts: StaffPageParts): HtmlAnswer {
  const canFind = ctx.menu.some(({ href }) => href === '/work/find')
  const correctAt = momentText(ctx.clock.now().toString(), 'short')
  return answer(
    parts,
    <Document shell="work" title={titleOf(parts)} skips={parts.skips ?? []} live={parts.live}>
      <StaffHeader
        shell="work"
        account={actorWords(ctx.actor)}
        menu={ctx.menu}
        current={parts.current}
        canFind={canFind}
      />
      {parts.record}
      <Content parts={parts} width="staff" />
      <StaffFooter correctAt={correctAt} requestId={ctx.requestId} />
    </Document>,
  )
}

/** A page of `/app`, with the bar that names the person when it is a carer who reads. */
export function appPage(ctx: HandlerContext, parts: PageParts): HtmlAnswer {
  const person = ctx.actor.kind === 'carer' ? ctx.actor.personName : undefined
  const named = { ...parts, caption: parts.caption ?? person }
  const title =
    person === undefined ? titleOf(parts) : titleOf({ ...parts, title: `${person}: ${parts.title ?? parts.heading}` })
  return answer(
    parts,
    <Document shell="app" title={title} live={parts.live}>
      <AppHeader current={parts.current} menu={ctx.menu} />
      {person === undefined ? null : <ProxyBar personName={person} />}
      <Content parts={named} width="app" />
      <AppFooter />
    </Document>,
  )
}

const answer = ({ failed }: PageParts, document: ReactElement): HtmlAnswer => ({
  kind: 'html',
  status: failed === true ? 422 : 200,
  html: renderDocument(document),
})

const titleOf = ({ title, heading, failed }: PageParts): string =>
  failed === true ? `Error: ${title ?? heading}` : (title ?? heading)

function Content({ parts, width }: { parts: PageParts; width: 'staff' | 'app' }): ReactElement {
  const { heading, caption, back, before, children } = parts
  return (
    <div className={`app-width app-width--${width}`}>
      {back === undefined ? null : <BackLink href={back.href}>{back.text}</BackLink>}
      <main className="nhsuk-main-wrapper" id="maincontent">
        {before}
        <h1>
          {caption === undefined ? null : <span className="app-caption">{caption}</span>}
          {heading}
        </h1>
        {children}
      </main>
    </div>
  )
}
