import type { ReactElement, ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { assets } from './assets.ts'

/** The four front ends, each with its own colour and name. */
export type Shell = 'app' | 'work' | 'control' | 'assure'

/** Where a page listens for changes of the record it shows. */
export interface LiveSource {
  readonly person: string
  /** Feed position the page was read at. */
  readonly after: string
}

export interface DocumentProps {
  readonly shell: Shell
  /** Without the name of the service, which is added. */
  readonly title: string
  readonly skips?: readonly { readonly href: string; readonly text: string }[]
  readonly live?: LiveSource | undefined
  readonly children: ReactNode
}

const themes: Readonly<Record<Shell, string>> = {
  app: '#005eb8',
  work: '#003087',
  control: '#4c6272',
  assure: '#330072',
}

/** A whole page as text. */
export const renderDocument = (document: ReactElement): string => `<!doctype html>${renderToStaticMarkup(document)}`

/** The parts every page has: head, skip links, and the place where news is announced. */
export function Document({ shell, title, skips = [], live, children }: DocumentProps): ReactElement {
  return (
    <html lang="en-GB" className={`app-html app-html--${shell}`} data-nhsuk-script={assets.nhsukScript.url}>
      <Head title={title} theme={themes[shell]} live={live !== undefined} />
      <body>
        <a href="#maincontent" className="nhsuk-skip-link" data-module="nhsuk-skip-link">
          Skip to main content
        </a>
        {skips.map(({ href, text }) => (
          <a key={href} href={href} className="nhsuk-skip-link">
            {text}
          </a>
        ))}
        {children}
        {live === undefined ? null : (
          <div className="app-news" role="status" data-live-person={live.person} data-live-after={live.after} />
        )}
      </body>
    </html>
  )
}

function Head({ title, theme, live }: { title: string; theme: string; live: boolean }): ReactElement {
  return (
    <head>
      <meta charSet="utf-8" />
      <title>{`${title} – Linchpin – NHS`}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
      <meta name="theme-color" content={theme} />
      <link rel="icon" href={assets.icon.url} type="image/svg+xml" />
      <link rel="stylesheet" href={assets.nhsukCss.url} />
      <link rel="stylesheet" href={assets.nhsappCss.url} />
      <link rel="stylesheet" href={assets.appCss.url} />
      <link rel="stylesheet" href={assets.printCss.url} media="print" />
      <script type="module" src={assets.startScript.url} />
      {live ? <script type="module" src={assets.liveScript.url} /> : null}
    </head>
  )
}
