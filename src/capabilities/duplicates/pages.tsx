import { Button, Radios, Textarea, WarningCallout } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import type { Review } from '../../kernel/record/review.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { sourceName } from '../../platform/person-view.ts'
import { staffPage } from '../../platform/shell.tsx'
import { CompareTable } from '../../ui/compare-table.tsx'
import { Errors, errorProps, type FormError, PostForm } from '../../ui/form.tsx'
import { count, dateText, daysBetween, momentText } from '../../ui/format/dates.ts'
import { staffName } from '../../ui/format/names.ts'
import { withQuery } from '../../ui/navigation.tsx'
import { EmptyState, SuccessBanner } from '../../ui/notices.tsx'
import { Table } from '../../ui/table.tsx'
import { StaffTag } from '../../ui/tags.tsx'
import { compareRows, decisionWords } from './rules.ts'

/** Reviews that wait, longest wait first; with `?state=decided`, those decided. */
export async function reviewsPage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  const state = request.query.get('state') === 'decided' ? 'decided' : 'open'
  const { reviews, total } = await ctx.records.listReviews(ctx, state)
  const now = ctx.clock.now().toString()
  return staffPage(ctx, {
    heading: 'Duplicates',
    current: '/work/duplicates',
    before: <Saved query={request.query} />,
    children: (
      <>
        <p className="app-order">
          {state === 'open' ? <strong>Waiting</strong> : <a href="/work/duplicates">Waiting</a>}
          {state === 'decided' ? (
            <strong>Decided</strong>
          ) : (
            <a href={withQuery('/work/duplicates', { state: 'decided' })}>Decided</a>
          )}
        </p>
        {total === 0 ? (
          <EmptyState
            text={state === 'open' ? 'No records are waiting to be compared.' : 'Nothing has been decided yet.'}
          />
        ) : (
          <>
            <p>
              Showing {reviews.length} of {count(total, 'review')}.{' '}
              {state === 'open'
                ? 'Longest wait first; those someone was not sure of come last.'
                : 'Newest decision first.'}
            </p>
            <Reviews reviews={reviews} now={now} />
          </>
        )}
      </>
    ),
  })
}

/** What was just saved, and the way to take it back. */
const Saved = ({ query }: { query: URLSearchParams }): ReactElement | null => {
  const last = query.get('last') ?? ''
  if (query.get('done') === 'undone') return <SuccessBanner text="Decision undone: the records are as they were" />
  if (query.get('done') !== 'decided') return null
  return (
    <SuccessBanner
      text="Decision saved"
      {...(/^[\w-]+$/.test(last)
        ? { link: { href: `/work/duplicates/${last}`, text: 'See the decision, or undo it' } }
        : {})}
    />
  )
}

const Reviews = ({ reviews, now }: { reviews: readonly Review[]; now: string }): ReactElement => (
  <Table
    caption="Records to compare"
    captionHidden
    rows={reviews}
    keyOf={({ id }) => id}
    columns={[
      {
        name: 'Record A',
        rowHeader: true,
        cell: ({ id, left }) => (
          <a href={`/work/duplicates/${id}`}>
            {staffName(left.patient.name)}, born {dateText(left.patient.birthDate ?? 'not known', 'short')}
          </a>
        ),
      },
      { name: 'Source A', cell: ({ left }) => sourceName(left.source) },
      {
        name: 'Record B',
        cell: ({ right }) =>
          `${staffName(right.patient.name)}, born ${dateText(right.patient.birthDate ?? 'not known', 'short')}`,
      },
      { name: 'Source B', cell: ({ right }) => sourceName(right.source) },
      { name: 'Status', cell: (review) => <ReviewTags {...review} /> },
      { name: 'Waiting', numeric: true, cell: ({ openedTime }) => count(daysBetween(openedTime, now), 'day') },
    ]}
  />
)

const ReviewTags = ({ kind, twinWarning, decided }: Review): ReactElement => (
  <>
    {decided === undefined ? null : (
      <StaffTag tone="ended" text={decisionWords[decided.decision].split(':')[0] ?? ''} />
    )}
    {kind === 'conflict' ? <StaffTag tone="danger" text="Quarantined" /> : null}
    {twinWarning ? <StaffTag tone="unusual" text="Could be twins" /> : null}
    {kind === 'possible-match' && !twinWarning && decided === undefined ? (
      <StaffTag tone="act" text="Needs a decision" />
    ) : null}
  </>
)

/** Two records side by side, and the question. */
export async function reviewPage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  const review = await ctx.records.readReview(ctx, request.params['review'] ?? '')
  return comparePage(ctx, request, review, [])
}

/** The comparison with the form, as first shown or sent back with what to put right. */
export async function comparePage(
  ctx: HandlerContext,
  request: PageRequest,
  review: Review,
  errors: readonly FormError[],
): Promise<HtmlAnswer> {
  const { left, right } = review
  const { place, total, next } = await ctx.records.readReviewPlace(ctx, review.id)
  const waiting = count(daysBetween(review.openedTime, ctx.clock.now().toString()), 'day')
  return staffPage(ctx, {
    heading: 'Are these the same person?',
    caption: place === undefined ? 'Decided' : `Review ${place} of ${total}, waiting ${waiting}`,
    current: '/work/duplicates',
    back: { href: '/work/duplicates', text: 'Duplicates' },
    failed: errors.length > 0,
    before: (
      <>
        <Errors errors={errors} controls={{ decision: 'decision-1' }} />
        {errors.length > 0 ? null : <Saved query={request.query} />}
      </>
    ),
    children: (
      <>
        {review.twinWarning ? (
          <WarningCallout>
            <WarningCallout.Heading headingLevel="h2">Could be twins</WarningCallout.Heading>
            <p>Check given names and birth order.</p>
          </WarningCallout>
        ) : null}
        <CompareTable
          caption="The two records, differences first"
          leftHead={`Record A: ${sourceName(left.source)}`}
          rightHead={`Record B: ${sourceName(right.source)}`}
          rows={compareRows(review)}
        />
        <Decided review={review} request={request} />
        {place === undefined ? null : <DecisionForm review={review} request={request} errors={errors} />}
        {next === undefined ? null : (
          <p>
            <a href={`/work/duplicates/${next}`}>Go to the next review without a decision</a>
          </p>
        )}
      </>
    ),
  })
}

function DecisionForm(props: { review: Review; request: PageRequest; errors: readonly FormError[] }): ReactElement {
  const { review, request, errors } = props
  const { form } = request
  if (review.kind === 'conflict')
    return (
      <WarningCallout>
        <WarningCallout.Heading headingLevel="h2">
          Quarantined: call {sourceName(review.right.source)}
        </WarningCallout.Heading>
        <p>
          The NHS numbers are the same and the dates of birth are not. These records cannot be linked here. The source
          must correct its record first.
        </p>
      </WarningCallout>
    )
  return (
    <PostForm action={`/work/duplicates/${review.id}`} csrfToken={request.session.csrfToken}>
      <Radios id="decision" name="decision" legend="Your decision" {...errorProps(errors, 'decision')}>
        {Object.entries(decisionWords).map(([value, text]) => (
          <Radios.Item key={value} value={value} defaultChecked={form.get('decision') === value}>
            {text}
          </Radios.Item>
        ))}
      </Radios>
      <Textarea
        id="why"
        name="why"
        label="Why?"
        hint="Others read this when they look at the decision"
        rows={3}
        defaultValue={form.get('why') ?? ''}
        {...errorProps(errors, 'why')}
      />
      <Button>Check what will happen</Button>
    </PostForm>
  )
}

function Decided({ review, request }: { review: Review; request: PageRequest }): ReactElement | null {
  if (review.decided === undefined) return null
  const { decision, why, by, time } = review.decided
  return (
    <>
      <h2>{decisionWords[decision]}</h2>
      <p>
        Decided by {by} on {momentText(time, 'short')}. Why: {why}
      </p>
      <PostForm action={`/work/duplicates/${review.id}/undo`} csrfToken={request.session.csrfToken}>
        <Button secondary preventDoubleClick>
          Undo this decision
        </Button>
      </PostForm>
    </>
  )
}
