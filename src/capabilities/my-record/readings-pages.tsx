import { Button } from 'nhsuk-react-components'
import { problem } from '../../base/problem.ts'
import { answersOf, decodeForm } from '../../platform/form.ts'
import { addableKinds, answersForNow, draftOf, fieldsOf, readBack } from '../../platform/measurements.ts'
import type { HandlerContext, HtmlAnswer, PageAnswer, PageRequest } from '../../platform/page.ts'
import { HiddenAnswers, ReadingFields } from '../../platform/reading-form.tsx'
import { appPage } from '../../platform/shell.tsx'
import { CardGroup, CardLink } from '../../ui/cards.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Errors, type FormError, PostForm } from '../../ui/form.tsx'
import { momentText } from '../../ui/format/dates.ts'
import { type Voice, voiceOf } from './voice.ts'

const callFirst = ({ youFeel, your }: Voice): string =>
  `If ${youFeel} unwell now, do not send a reading: call ${your} care team, use 111, or call 999 in an emergency.`

/** What to add: one card a kind. */
export async function chooseReadingPage(ctx: HandlerContext): Promise<HtmlAnswer> {
  const voice = voiceOf(ctx.actor)
  await ctx.records.openPerson(ctx, voice.person)
  return appPage(ctx, {
    heading: 'Add a reading or a note',
    current: '/app/readings',
    children: (
      <>
        <p>{callFirst(voice)}</p>
        <p>
          What you add is seen by everyone who cares for {voice.isCarer ? 'them' : 'you'}, with your name on it. No one
          watches readings all the time.
        </p>
        <CardGroup>
          {addableKinds.map(({ id, title }) => (
            <CardLink key={id} href={`/app/readings/${id}`} title={title} />
          ))}
        </CardGroup>
      </>
    ),
  })
}

/** One reading a page, with the present moment filled in. */
export async function readingPage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  await ctx.records.openPerson(ctx, voiceOf(ctx.actor).person)
  return formPage(ctx, request, new URLSearchParams(answersForNow(ctx.clock.now())), [])
}

/** Check, change or add, depending on the button that was pressed. */
export async function sendReadingPage(ctx: HandlerContext, request: PageRequest): Promise<PageAnswer> {
  const { form } = request
  const voice = voiceOf(ctx.actor)
  if (form.get('step') === 'change') return formPage(ctx, request, form, [])
  const { id: kind } = kindOf(request)
  const result = decodeForm(fieldsOf(kind, ctx.clock.now()), form)
  if (!result.ok) return formPage(ctx, request, form, result.errors)
  if (form.get('step') !== 'save') return checkPage(ctx, request, result.values)
  const added = await ctx.records.addEntry(ctx, voice.person, draftOf(kind, result.values))
  return { kind: 'redirect', to: `/app/record?done=added#entry-${added.type}-${added.id}` }
}

function kindOf({ params }: PageRequest): (typeof addableKinds)[number] {
  const kind = addableKinds.find(({ id }) => id === params['kind'])
  if (kind === undefined) throw problem('not-found', 'Page not found')
  return kind
}

function formPage(
  ctx: HandlerContext,
  request: PageRequest,
  form: URLSearchParams,
  errors: readonly FormError[],
): HtmlAnswer {
  const { id, title } = kindOf(request)
  return appPage(ctx, {
    heading: id === 'note' ? 'Add a note' : `Add a reading: ${title.toLowerCase()}`,
    current: '/app/readings',
    back: { href: '/app/readings', text: 'Add a reading' },
    failed: errors.length > 0,
    before: <Errors errors={errors} controls={{ when: 'when-day' }} />,
    children: (
      <>
        <p>{callFirst(voiceOf(ctx.actor))}</p>
        <PostForm action={`/app/readings/${id}`} csrfToken={request.session.csrfToken}>
          <ReadingFields
            kind={id}
            answers={answersOf(form)}
            errors={errors}
            noteLabel="What do you want others to know?"
          />
          <Button>Continue</Button>
        </PostForm>
      </>
    ),
  })
}

function checkPage(ctx: HandlerContext, request: PageRequest, values: Readonly<Record<string, unknown>>): HtmlAnswer {
  const { id, title } = kindOf(request)
  const facts = [
    ...(ctx.actor.kind === 'carer' ? [{ name: 'For', text: ctx.actor.personName }] : []),
    { name: title, text: readBack(id, values) },
    { name: 'When', text: momentText(String(values['when']), 'long', '12') },
  ]
  return appPage(ctx, {
    heading: 'Check what you are adding',
    current: '/app/readings',
    children: (
      <PostForm action={`/app/readings/${id}`} csrfToken={request.session.csrfToken}>
        <Facts facts={facts} />
        <HiddenAnswers form={request.form} />
        <Button name="step" value="save" preventDoubleClick>
          Add to the record
        </Button>{' '}
        <Button name="step" value="change" secondary>
          Change
        </Button>
      </PostForm>
    ),
  })
}
