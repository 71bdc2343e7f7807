import type { ReactElement } from 'react'

/** Header of `/app`: name and a few links that wrap; never a fixed bar. */
export function AppHeader(props: {
  readonly current: string
  readonly menu: readonly { readonly href: string; readonly text: string }[]
}): ReactElement {
  const links = [...props.menu, { href: '/auth/demo', text: 'Sign-in' }]
  return (
    <header className="app-header" role="banner">
      <div className="app-header__inner">
        <a className="app-header__name" href="/app">
          Linchpin
        </a>
        <nav aria-label="Main menu">
          <ul className="app-header__links">
            {links.map(({ href, text }) => (
              <li key={href}>
                <a href={href} aria-current={href === props.current ? 'page' : undefined}>
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    </header>
  )
}

/** Says on every page whose record it is when it is not the reader's own. Colour is never the only sign. */
export function ProxyBar({ personName }: { readonly personName: string }): ReactElement {
  return (
    <div className="app-proxy-bar" role="region" aria-label="Acting for someone else">
      <div className="app-proxy-bar__inner">
        <strong>You are acting for {personName}.</strong> <a href="/auth/demo">Switch to another profile</a>
      </div>
    </div>
  )
}

/** Foot of every page in `/app`. */
export function AppFooter(): ReactElement {
  return (
    <footer className="app-footer" role="contentinfo">
      <div className="app-footer__inner">
        <p>
          For urgent medical advice use <a href="https://111.nhs.uk/">111 online</a> or call 111. In an emergency call
          999.
        </p>
        <p>Demo: every person here is made up.</p>
      </div>
    </footer>
  )
}
