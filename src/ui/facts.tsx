import { SummaryList } from 'nhsuk-react-components'
import type { ReactElement } from 'react'

/** A fact and its name. */
export interface Fact {
  readonly name: string
  readonly text: string
}

/** Facts under each other, names beside them at every width. */
export const Facts = ({ facts }: { readonly facts: readonly Fact[] }): ReactElement => (
  <SummaryList className="nhsapp-summary-list--two-columns-mobile app-facts">
    {facts.map(({ name, text }) => (
      <SummaryList.Row key={`${name} ${text}`}>
        <SummaryList.Key>{name}</SummaryList.Key>
        <SummaryList.Value>{text}</SummaryList.Value>
      </SummaryList.Row>
    ))}
  </SummaryList>
)
