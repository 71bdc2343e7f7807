import type { ReactElement } from 'react'

export interface SubNavItem {
  readonly href: string
  readonly text: string
}

/** The pages of one record or area, one URL each; a `details` on a phone. */
export function SubNav(props: {
  readonly id?: string
  readonly label: string
  readonly items: readonly SubNavItem[]
  readonly current: string
}): ReactElement {
  const here = props.items.find(({ href }) => href === props.current)?.text ?? props.label
  return (
    <>
      <nav className="app-sub-nav app-sub-nav--wide" id={props.id} aria-label={props.label}>
        <SubNavList {...props} />
      </nav>
      <details className="app-sub-nav app-sub-nav--narrow">
        <summary>
          {here}: <span>change section</span>
        </summary>
        <nav aria-label={props.label}>
          <SubNavList {...props} />
        </nav>
      </details>
    </>
  )
}

const SubNavList = ({ items, current }: { items: readonly SubNavItem[]; current: string }): ReactElement => (
  <ul>
    {items.map(({ href, text }) => (
      <li key={href}>
        <a href={href} aria-current={href === current ? 'page' : undefined}>
          {text}
        </a>
      </li>
    ))}
  </ul>
)

/** Where one is in a long list, in words, with links to the pages before and after. */
export function Pagination(props: {
  readonly first?: string | undefined
  readonly next?: string | undefined
  readonly nextText: string
}): ReactElement | null {
  if (props.first === undefined && props.next === undefined) return null
  return (
    <nav className="app-pagination" aria-label="Pages">
      {props.first === undefined ? null : <a href={props.first}>Back to the first page</a>}
      {props.next === undefined ? null : (
        <a href={props.next} rel="next">
          {props.nextText}
        </a>
      )}
    </nav>
  )
}

/** A URL with some query values replaced; an empty value removes it. */
export function withQuery(url: string, changes: Readonly<Record<string, string>>): string {
  const [path = '', search = ''] = url.split('?')
  const query = new URLSearchParams(search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}
