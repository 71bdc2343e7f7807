import type { ReactElement } from 'react'
import type { Shell } from './document.tsx'

export interface MenuItem {
  readonly href: string
  readonly text: string
}

export interface StaffHeaderProps {
  readonly shell: Exclude<Shell, 'app'>
  /** "{name}, {role}, {organisation}". */
  readonly account: string
  readonly menu: readonly MenuItem[]
  readonly current: string
  /** Roles that may not look for people get no find box. */
  readonly canFind: boolean
}

const names: Readonly<Record<StaffHeaderProps['shell'], string>> = {
  work: 'Workspace',
  control: 'Control room',
  assure: 'Assurance desk',
}

/** Header of the three staff shells: name, find box, who is signed in, menu (a `details` on a phone). */
export function StaffHeader({ shell, account, menu, current, canFind }: StaffHeaderProps): ReactElement {
  return (
    <header className={`app-staff-header app-staff-header--${shell}`} role="banner">
      <div className="app-staff-header__bar">
        <p className="app-staff-header__name">
          Linchpin <span>{names[shell]}</span>
        </p>
        {canFind ? <FindBox /> : null}
        <p className="app-staff-header__account">
          <span>{account}</span> <a href="/auth/demo">Change sign-in</a>
        </p>
      </div>
      {menu.length === 0 ? null : (
        <>
          <nav className="app-staff-menu app-staff-menu--wide" aria-label="Main menu">
            <MenuList menu={menu} current={current} />
          </nav>
          <details className="app-staff-menu app-staff-menu--narrow">
            <summary>Menu</summary>
            <nav aria-label="Main menu">
              <MenuList menu={menu} current={current} />
            </nav>
          </details>
        </>
      )}
    </header>
  )
}

function FindBox(): ReactElement {
  return (
    <form className="app-find-box" role="search" action="/work/find" method="get">
      <label className="nhsuk-u-visually-hidden" htmlFor="find-box">
        NHS number, or name and date of birth
      </label>
      <input id="find-box" name="q" type="search" autoComplete="off" placeholder="" />
      <button type="submit">Find a person</button>
    </form>
  )
}

function MenuList({ menu, current }: Pick<StaffHeaderProps, 'menu' | 'current'>): ReactElement {
  return (
    <ul>
      {menu.map(({ href, text }) => (
        <li key={href}>
          <a href={href} aria-current={href === current ? 'page' : undefined}>
            {text}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Foot of every staff page: when the page was right, and where to ask about a fault. */
export function StaffFooter({ correctAt, requestId }: { correctAt: string; requestId: string }): ReactElement {
  return (
    <footer className="app-footer app-footer--staff" role="contentinfo">
      <div className="app-footer__inner">
        <p>
          Correct at {correctAt}. Demo: every person here is made up. Reference {requestId}
        </p>
      </div>
    </footer>
  )
}
