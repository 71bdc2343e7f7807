import { DateInput, Textarea, TextInput } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import { errorProps, type FormError } from '../ui/form.tsx'
import { measurements } from './measurements.ts'

export interface ReadingFieldsProps {
  readonly kind: string
  readonly answers: Readonly<Record<string, string>>
  readonly errors: readonly FormError[]
  /** "What do you want to add?" for people, "Note" for staff. */
  readonly noteLabel: string
}

/** The controls for one kind of entry: its numbers with their unit, or the note; then when. */
export function ReadingFields({ kind, answers, errors, noteLabel }: ReadingFieldsProps): ReactElement {
  const measurement = measurements.find(({ id }) => id === kind)
  return (
    <>
      {measurement === undefined ? (
        <Textarea
          id="text"
          name="text"
          label={noteLabel}
          rows={5}
          defaultValue={answers['text'] ?? ''}
          {...errorProps(errors, 'text')}
        />
      ) : (
        measurement.parts.map(({ name, label, least, most }) => (
          <TextInput
            key={name}
            id={name}
            name={name}
            label={label}
            hint={`From ${least} to ${most}`}
            suffix={measurement.unit}
            width={5}
            inputMode="decimal"
            autoComplete="off"
            defaultValue={answers[name] ?? ''}
            {...errorProps(errors, name)}
          />
        ))
      )}
      <When answers={answers} errors={errors} />
    </>
  )
}

const When = ({ answers, errors }: Pick<ReadingFieldsProps, 'answers' | 'errors'>): ReactElement => (
  <>
    <DateInput
      id="when"
      name="when"
      legend="When was this?"
      hint="For example, 27 3 2026"
      defaultValue={{
        day: answers['when-day'] ?? '',
        month: answers['when-month'] ?? '',
        year: answers['when-year'] ?? '',
      }}
      {...errorProps(errors, 'when')}
    />
    <TextInput
      id="when-time"
      name="when-time"
      label="Time"
      hint="For example, 14:30 or 2:30pm"
      width={10}
      autoComplete="off"
      defaultValue={answers['when-time'] ?? ''}
    />
  </>
)

/** Answers carried to the next step, as they were typed; those chosen more than once too. */
export const HiddenAnswers = ({ form }: { readonly form: URLSearchParams }): ReactElement => (
  <>
    {[...form.entries()].map(([name, value]) =>
      name === 'csrf' || name === 'step' ? null : (
        <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
      ),
    )}
  </>
)
