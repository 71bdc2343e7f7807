import { ErrorSummary } from 'nhsuk-react-components'
import type { ReactElement, ReactNode } from 'react'

/** One thing to put right, said as an instruction, with the id of the control it is about. */
export interface FormError {
  readonly field: string
  readonly message: string
}

export interface ErrorsProps {
  readonly errors: readonly FormError[]
  /** Id of the first control of a field that has several: dates, checkboxes, radios. */
  readonly controls?: Readonly<Record<string, string>>
}

/** The list of what to put right; nhsuk-frontend's script moves focus to it. */
export function Errors({ errors, controls = {} }: ErrorsProps): ReactElement | null {
  if (errors.length === 0) return null
  return (
    <ErrorSummary>
      <ErrorSummary.Title>There is a problem</ErrorSummary.Title>
      <ErrorSummary.List>
        {errors.map(({ field, message }) => (
          <ErrorSummary.ListItem key={field} href={`#${controls[field] ?? field}`}>
            {message}
          </ErrorSummary.ListItem>
        ))}
      </ErrorSummary.List>
    </ErrorSummary>
  )
}

/** The message for one control, as the library wants it: present only when there is one. */
export function errorProps(errors: readonly FormError[], field: string): { readonly error?: string } {
  const found = errors.find((error) => error.field === field)
  return found === undefined ? {} : { error: found.message }
}

/** A form that changes something: always POST, always with the token of this sign-in. */
export function PostForm(props: {
  readonly action: string
  readonly csrfToken: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <form method="post" action={props.action} noValidate>
      <input type="hidden" name="csrf" value={props.csrfToken} />
      {props.children}
    </form>
  )
}
