import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { appPage } from '../../platform/shell.tsx'
import { readTimeline, TimelineView } from '../../platform/timeline-view.tsx'
import { SuccessBanner } from '../../ui/notices.tsx'
import { plainTimelineEntry } from './entry-words.tsx'
import { voiceOf } from './voice.ts'

/** The whole story in plain words, newest first. */
export async function recordPage(ctx: HandlerContext, request: PageRequest): Promise<HtmlAnswer> {
  const voice = voiceOf(ctx.actor)
  const record = await ctx.records.openPerson(ctx, voice.person)
  const place = { person: voice.person, base: '/app/record', months: 'long' } as const
  const timeline = await readTimeline(ctx, request, record, place)
  const places = record.sources.filter(({ setting }) => setting !== 'person').length
  return appPage(ctx, {
    heading: `${voice.Your} record`,
    current: '/app/record',
    live: { person: voice.person, after: record.position },
    before: request.query.get('done') === 'added' ? <SuccessBanner text={`Added to ${voice.your} record`} /> : null,
    children: (
      <>
        <p>
          Everything that {places === 1 ? 'one place has' : `${places} places have`} sent us, and what was added here.
          If something is not here, it may still be held somewhere else.
        </p>
        <TimelineView {...timeline} entryOf={(row) => plainTimelineEntry(row, voice, ctx.actor.name)} />
      </>
    ),
  })
}
