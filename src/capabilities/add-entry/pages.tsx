import { Button, Checkboxes, InsetText } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import { problem } from '../../base/problem.ts'
import { answersOf, decodeForm } from '../../platform/form.ts'
import { addableKinds, answersForNow, draftOf, fieldsOf, readBack } from '../../platform/measurements.ts'
import type { HandlerContext, HtmlAnswer, PageAnswer, PageRequest } from '../../platform/page.ts'
import { HiddenAnswers, ReadingFields } from '../../platform/reading-form.tsx'
import { type OpenRecord, openRecord, recordPage } from '../../platform/record-page.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Errors, errorProps, type FormError, PostForm } from '../../ui/form.tsx'
import { momentText } from '../../ui/format/dates.ts'
import { identifierOptions, twoIdentifiers } from './rules.ts'

/** What to add: one link a kind. */
export async function chooseKindPage(ctx: HandlerContext, { params }: PageRequest): Promise<HtmlAnswer> {
  const open = await openRecord(ctx, params['person'] ?? '')
  return recordPage(ctx, open, {
    section: '/add',
    heading: 'Add an entry',
    live: false,
    children: (
      <>
        <Who open={open} />
        <ul className="app-lines">
          {addableKinds.map(({ id, title }) => (
            <li key={id}>
              <a href={`/work/people/${open.id}/add/${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </>
    ),
  })
}

/** The form for one kind, with the present moment filled in. */
export async function addPage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  const open = await openRecord(ctx, request.params['person'] ?? '')
  return formPage(ctx, request, open, new URLSearchParams(answersForNow(ctx.clock.now())), [])
}

/** Check, change or save, depending on the button that was pressed. */
export async function sendAddPage(ctx: HandlerContext, request: PageRequest): Promise<PageAnswer> {
  const { form, session, params } = request
  const open = await openRecord(ctx, params['person'] ?? '')
  if (form.get('step') === 'change') return formPage(ctx, request, open, form, [])
  const { id: kind } = kindOf(request)
  const identity = session.confirmedPeople.includes(open.id) ? {} : { identifiers: twoIdentifiers }
  const result = decodeForm({ ...identity, ...fieldsOf(kind, ctx.clock.now()) }, form)
  if (!result.ok) return formPage(ctx, request, open, form, result.errors)
  const values: Readonly<Record<string, unknown>> = result.values
  if (form.get('step') !== 'save') return checkPage(ctx, request, open, values)
  const added = await ctx.records.addEntry(ctx, open.id, draftOf(kind, values))
  const to = `/work/people/${open.id}/timeline?done=added#entry-${added.type}-${added.id}`
  return { kind: 'redirect', to, confirmedPerson: open.id }
}

function kindOf({ params }: PageRequest): (typeof addableKinds)[number] {
  const kind = addableKinds.find(({ id }) => id === params['kind'])
  if (kind === undefined) throw problem('not-found', 'Page not found')
  return kind
}

const Who = ({ open: { banner } }: { open: OpenRecord }): ReactElement => (
  <InsetText>
    You are writing in the record of <strong>{banner.name}</strong>, born {banner.born}, NHS number{' '}
    {banner.nhsNumber ?? 'not known'}.
  </InsetText>
)

function formPage(
  ctx: HandlerContext,
  request: PageRequest,
  open: OpenRecord,
  form: URLSearchParams,
  errors: readonly FormError[],
): HtmlAnswer {
  const { id, title } = kindOf(request)
  const confirmed = request.session.confirmedPeople.includes(open.id)
  return recordPage(ctx, open, {
    section: '/add',
    heading: `Add: ${title.toLowerCase()}`,
    live: false,
    back: { href: `/work/people/${open.id}/add`, text: 'Add an entry' },
    failed: errors.length > 0,
    before: <Errors errors={errors} controls={{ when: 'when-day', identifiers: 'identifiers-1' }} />,
    children: (
      <PostForm action={`/work/people/${open.id}/add/${id}`} csrfToken={request.session.csrfToken}>
        <Who open={open} />
        {confirmed ? null : <IdentityCheck ticked={form.getAll('identifiers')} errors={errors} />}
        <ReadingFields kind={id} answers={answersOf(form)} errors={errors} noteLabel="Note" />
        <Button>Check before you save</Button>
      </PostForm>
    ),
  })
}

const IdentityCheck = ({
  ticked,
  errors,
}: {
  ticked: readonly string[]
  errors: readonly FormError[]
}): ReactElement => (
  <Checkboxes
    id="identifiers"
    name="identifiers"
    legend="What did you check with the person?"
    hint="Tick at least two. You are asked once in a visit"
    {...errorProps(errors, 'identifiers')}
  >
    {identifierOptions.map(({ value, text }) => (
      <Checkboxes.Item key={value} value={value} defaultChecked={ticked.includes(value)}>
        {text}
      </Checkboxes.Item>
    ))}
  </Checkboxes>
)

function checkPage(
  ctx: HandlerContext,
  request: PageRequest,
  open: OpenRecord,
  values: Readonly<Record<string, unknown>>,
): HtmlAnswer {
  const { id, title } = kindOf(request)
  const facts = [
    { name: 'For', text: `${open.banner.name}, born ${open.banner.born}` },
    { name: title, text: readBack(id, values) },
    { name: 'When', text: momentText(String(values['when'])) },
  ]
  return recordPage(ctx, open, {
    section: '/add',
    heading: 'Check before you save',
    live: false,
    children: (
      <PostForm action={`/work/people/${open.id}/add/${id}`} csrfToken={request.session.csrfToken}>
        <Facts facts={facts} />
        <HiddenAnswers form={request.form} />
        <Button name="step" value="save" preventDoubleClick>
          Save to the record
        </Button>{' '}
        <Button name="step" value="change" secondary>
          Change
        </Button>
      </PostForm>
    ),
  })
}
