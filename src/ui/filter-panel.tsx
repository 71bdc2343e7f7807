import { Button, Details } from 'nhsuk-react-components'
import type { ReactElement, ReactNode } from 'react'

/** One filter in force, and the link that takes it away. */
export interface AppliedFilter {
  readonly words: string
  readonly removeHref: string
}

/** Filters above the results: a GET form whose answer is a URL one can send. */
export function FilterPanel(props: {
  readonly action: string
  readonly applied: readonly AppliedFilter[]
  readonly clearHref: string
  readonly hidden?: Readonly<Record<string, string>>
  readonly children: ReactNode
}): ReactElement {
  return (
    <div className="app-filters">
      <Details>
        <Details.Summary>Filter</Details.Summary>
        <Details.Text>
          <form method="get" action={props.action} className="app-filters__form">
            {Object.entries(props.hidden ?? {}).map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            {props.children}
            <Button small>Apply filters</Button>
          </form>
        </Details.Text>
      </Details>
      {props.applied.length === 0 ? null : <Applied {...props} />}
    </div>
  )
}

/** On screen a link to take each away; on paper, where nothing can be pressed, a sentence. */
const Applied = ({ applied, clearHref }: { applied: readonly AppliedFilter[]; clearHref: string }): ReactElement => (
  <>
    <ul className="app-filters__applied" aria-label="Filters in use">
      {applied.map(({ words, removeHref }) => (
        <li key={words}>
          <a href={removeHref}>Remove {words}</a>
        </li>
      ))}
      <li>
        <a href={clearHref}>Clear all</a>
      </li>
    </ul>
    <p className="app-print-only">
      Filtered by: {applied.map(({ words }) => words).join(', ')}. Other entries are not shown.
    </p>
  </>
)

/** Checkboxes of one filter, 24 px boxes, many on a line where there is room. */
export function FilterChoices(props: {
  readonly legend: string
  readonly name: string
  readonly options: readonly { readonly value: string; readonly text: string }[]
  readonly chosen: readonly string[]
}): ReactElement {
  return (
    <fieldset className="app-filters__choices">
      <legend>{props.legend}</legend>
      {props.options.map(({ value, text }) => (
        <label key={value}>
          <input type="checkbox" name={props.name} value={value} defaultChecked={props.chosen.includes(value)} /> {text}
        </label>
      ))}
    </fieldset>
  )
}

/** A choice of one, with "All" first. */
export function FilterSelect(props: {
  readonly label: string
  readonly name: string
  readonly all: string
  readonly options: readonly { readonly value: string; readonly text: string }[]
  readonly chosen: string
}): ReactElement {
  return (
    <p className="app-filters__field">
      <label htmlFor={`filter-${props.name}`}>{props.label}</label>
      <select id={`filter-${props.name}`} name={props.name} defaultValue={props.chosen} className="nhsuk-select">
        <option value="">{props.all}</option>
        {props.options.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </p>
  )
}

/** A day, typed or picked. */
export const FilterDate = (props: { label: string; name: string; value: string }): ReactElement => (
  <p className="app-filters__field">
    <label htmlFor={`filter-${props.name}`}>{props.label}</label>
    <input
      id={`filter-${props.name}`}
      name={props.name}
      type="date"
      defaultValue={props.value}
      className="nhsuk-input"
    />
  </p>
)
