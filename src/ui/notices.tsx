import { NotificationBanner } from 'nhsuk-react-components'
import type { ReactElement, ReactNode } from 'react'

/** When each source last sent something, and that silence proves nothing. First in `main` of a record page. */
export function SourceNotice(props: {
  readonly summary: string
  readonly sources: readonly { readonly name: string; readonly updated: string }[]
}): ReactElement {
  return (
    <section className="app-source-notice" aria-label="Sources of this record" data-live="sources">
      <details>
        <summary>{props.summary}</summary>
        <ul>
          {props.sources.map(({ name, updated }) => (
            <li key={name}>
              {name}: {updated}
            </li>
          ))}
        </ul>
      </details>
      <p>Missing information does not mean none exists.</p>
    </section>
  )
}

interface Link {
  readonly href: string
  readonly text: string
}

/** Says that the last act worked. At most one a page, never with an error summary. */
export const SuccessBanner = ({ text, link }: { readonly text: string; readonly link?: Link }): ReactElement => (
  <NotificationBanner success>
    <NotificationBanner.Heading>{text}</NotificationBanner.Heading>
    {link === undefined ? null : (
      <p>
        <NotificationBanner.Link href={link.href}>{link.text}</NotificationBanner.Link>
      </p>
    )}
  </NotificationBanner>
)

/** The sentence and next step shown in place of an empty list. */
export const EmptyState = ({
  text,
  children,
}: {
  readonly text: string
  readonly children?: ReactNode
}): ReactElement => (
  <div className="app-empty">
    <p>{text}</p>
    {children}
  </div>
)
