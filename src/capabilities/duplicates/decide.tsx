import { Button } from 'nhsuk-react-components'
import { problem } from '../../base/problem.ts'
import { type Review, type ReviewDecision, type ReviewSide, reviewDecisions } from '../../kernel/record/review.ts'
import { choice, decodeForm, requiredText } from '../../platform/form.ts'
import type { HandlerContext, HtmlAnswer, PageAnswer, PageRequest } from '../../platform/page.ts'
import { sourceName } from '../../platform/person-view.ts'
import { HiddenAnswers } from '../../platform/reading-form.tsx'
import { staffPage } from '../../platform/shell.tsx'
import { type Fact, Facts } from '../../ui/facts.tsx'
import { PostForm } from '../../ui/form.tsx'
import { count, dateText } from '../../ui/format/dates.ts'
import { staffName } from '../../ui/format/names.ts'
import { comparePage } from './pages.tsx'
import { decisionWords, keptNumber } from './rules.ts'

const fields = {
  decision: choice(reviewDecisions, 'Choose what these two records are'),
  why: requiredText('Say why, in a few words', 1000),
}

/** Check, change or decide, depending on the button that was pressed. */
export async function decidePage(ctx: HandlerContext, request: PageRequest): Promise<PageAnswer> {
  const review = await ctx.records.readReview(ctx, request.params['review'] ?? '')
  if (request.form.get('step') === 'change') return comparePage(ctx, request, review, [])
  if (review.kind === 'conflict')
    throw problem('rule', 'These records cannot be linked here: the source must correct its record first.')
  const result = decodeForm(fields, request.form)
  if (!result.ok) return comparePage(ctx, request, review, result.errors)
  const step = request.form.get('step')
  if (step !== 'save' && step !== 'save-next') return checkPage(ctx, request, review, result.values)
  const { next } = await ctx.records.readReviewPlace(ctx, review.id)
  await ctx.records.decideReview(ctx, review.id, result.values)
  const onward = step === 'save-next' && next !== undefined ? `/${next}` : ''
  return { kind: 'redirect', to: `/work/duplicates${onward}?done=decided&last=${review.id}` }
}

/** Takes a decision back: everything is as it was before. */
export async function undoPage(ctx: HandlerContext, { params }: PageRequest): Promise<PageAnswer> {
  const review = await ctx.records.undoDecision(ctx, params['review'] ?? '')
  return { kind: 'redirect', to: `/work/duplicates/${review.id}?done=undone` }
}

interface Decision {
  readonly decision: ReviewDecision
  readonly why: string
}

function checkPage(ctx: HandlerContext, request: PageRequest, review: Review, decided: Decision): HtmlAnswer {
  return staffPage(ctx, {
    heading: 'What will happen',
    caption: 'Are these the same person?',
    current: '/work/duplicates',
    children: (
      <PostForm action={`/work/duplicates/${review.id}`} csrfToken={request.session.csrfToken}>
        <Facts
          facts={[
            { name: 'Record A', text: sideText(review.left) },
            { name: 'Record B', text: sideText(review.right) },
            { name: 'Decision', text: decisionWords[decided.decision] },
            { name: 'Why', text: decided.why },
            ...effects(review, decided.decision),
          ]}
        />
        <p>You can undo this from the record’s history at any time.</p>
        <HiddenAnswers form={request.form} />
        <Button name="step" value="save" preventDoubleClick>
          Confirm
        </Button>{' '}
        <Button name="step" value="save-next" secondary preventDoubleClick>
          Save and go to next
        </Button>{' '}
        <Button name="step" value="change" secondary>
          Change
        </Button>
      </PostForm>
    ),
  })
}

/** Who a record is of, so that the right pair is decided. */
const sideText = ({ patient, source }: ReviewSide): string =>
  `${staffName(patient.name)}, born ${dateText(patient.birthDate ?? 'not known', 'short')}, from ${sourceName(source)}`

function effects(review: Review, decision: ReviewDecision): readonly Fact[] {
  const { left, right } = review
  if (decision === 'different')
    return [{ name: 'Records', text: 'Stay two records. This pair is not asked about again.' }]
  if (decision === 'unsure')
    return [{ name: 'Records', text: 'Stay two records. The review keeps waiting, with what you wrote.' }]
  return [
    { name: 'NHS number kept', text: keptNumber(review) },
    {
      name: 'Entries',
      text: `${count(left.entryCount + right.entryCount, 'entry', 'entries')} become one record, screening and vaccinations among them.`,
    },
    { name: 'Others will see', text: 'One record in place of two. Each entry still names the source that sent it.' },
  ]
}
