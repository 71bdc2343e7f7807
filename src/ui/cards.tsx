import type { ReactElement, ReactNode } from 'react'

export interface CardLinkProps {
  readonly href: string
  readonly title: string
  readonly description?: ReactNode
  readonly tag?: ReactNode
}

/** A whole-card link with a chevron. One link a card, never two to one place. */
export function CardLink({ href, title, description, tag }: CardLinkProps): ReactElement {
  return (
    <div className="nhsapp-card">
      <div className="nhsapp-card__container">
        <div className="nhsapp-card__content">
          {tag === undefined ? null : <p className="app-card__tag">{tag}</p>}
          <a className="nhsapp-card__link" href={href}>
            {title}
          </a>
          {description === undefined ? null : <p className="nhsapp-card__description">{description}</p>}
        </div>
        <Chevron />
      </div>
    </div>
  )
}

/** Links of one kind under each other, joined into one box. */
export const CardGroup = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <div className="nhsapp-cards nhsapp-cards--stacked app-card-group">{children}</div>
)

/** A card that holds something other than one link. */
export const PlainCard = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <div className="nhsapp-card app-plain-card">
    <div className="nhsapp-card__container">
      <div className="nhsapp-card__content">{children}</div>
    </div>
  </div>
)

const Chevron = (): ReactElement => (
  <svg
    className="nhsapp-icon nhsapp-icon--chevron-right"
    aria-hidden="true"
    focusable="false"
    viewBox="0 0 24 24"
    width="24"
    height="24"
  >
    <path d="M15.5 12a1 1 0 0 1-.29.71l-5 5a1 1 0 0 1-1.42-1.42l4.3-4.29-4.3-4.29a1 1 0 0 1 1.42-1.42l5 5a1 1 0 0 1 .29.71z" />
  </svg>
)
