import type { FastifyInstance, FastifyReply } from 'fastify'
import { Problem, problem } from '../base/problem.ts'
import type { Context } from '../kernel/access/context.ts'
import { type Sessions, sessionCookie } from '../kernel/access/sessions.ts'
import type { FeedEvent } from '../kernel/feed/feed.ts'
import { changedForReader } from '../kernel/record/live.ts'
import { resolvePerson } from '../kernel/record/open-person.ts'
import { contextOf, requestIdOf, type Web } from './web.ts'

const heartbeatMs = 20_000

/**
 * `GET /live?person=ID&after=POSITION`: server-sent events that say only that something of this person changed. The page
 * then asks for its own URL again, so what it may see is decided in one place. Resumes from `Last-Event-ID`. A browser
 * cannot read the status of a refused stream: `event: end` tells a page that may not see the person any more to stop.
 */
export function liveRoute(server: FastifyInstance, web: Web, sessions: Sessions): void {
  server.get('/live', async (request, reply) => {
    const token = request.cookies[sessionCookie]
    const open = await sessions.find(token)
    const query = new URLSearchParams(request.url.split('?')[1] ?? '')
    if (open === undefined) return end(reply)
    const ctx = contextOf(web, open.actor, requestIdOf(undefined))
    const after = String(request.headers['last-event-id'] ?? query.get('after') ?? '')
    try {
      if (!/^\d{1,18}$/.test(after)) throw problem('invalid', 'after must be a position')
      const { key } = await resolvePerson(ctx, query.get('person') ?? '')
      const mayFollow = () => sessions.holds(token)
      follow(ctx, reply, { person: query.get('person') ?? '', key, mayFollow, position: BigInt(after) })
      return await reply
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (error.kind === 'not-found') return end(reply)
      return reply.code(error.status).send(error.message)
    }
  })
}

const eventStream = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' } as const
const endEvent = 'event: end\ndata: no access\n\n'

/** Answers a page that may not listen, or not any more. */
const end = (reply: FastifyReply): FastifyReply => reply.headers(eventStream).send(endEvent)

interface Watch {
  readonly person: string
  readonly key: bigint
  /** False after sign-out. */
  readonly mayFollow: () => Promise<boolean>
  position: bigint
}

function follow(ctx: Context, reply: FastifyReply, watch: Watch): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { ...eventStream, 'x-accel-buffering': 'no' })
  raw.write('retry: 500\n\n')
  // One thing at a time, in the order in which it was asked for.
  let last: Promise<void> = Promise.resolve()
  const next = (work: () => Promise<void>): void => {
    last = last.then(work).catch((error: unknown) => {
      if (error instanceof Problem && error.kind === 'not-found') {
        raw.end(endEvent)
        return
      }
      ctx.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'A live page was cut off')
      raw.end()
    })
  }
  const stop = ctx.store.feed.listen((events) => {
    const mine = events.filter((event) => event.person === watch.key)
    if (mine.length > 0) next(() => deliver(ctx, watch, mine, (text) => raw.write(text)))
  })
  next(async () =>
    deliver(ctx, watch, await ctx.store.feed.since(watch.position, watch.key), (text) => raw.write(text)),
  )
  const heartbeat = setInterval(
    () =>
      next(async () => {
        await mustFollow(watch)
        raw.write(': still here\n\n')
      }),
    heartbeatMs,
  )
  raw.on('close', () => {
    clearInterval(heartbeat)
    stop()
  })
}

async function mustFollow({ mayFollow }: Watch): Promise<void> {
  if (!(await mayFollow())) throw problem('not-found', 'Signed out')
}

/** Tells of events not told yet, if the reader may still see this person and any of what changed. */
async function deliver(
  ctx: Context,
  watch: Watch,
  events: readonly FeedEvent[],
  write: (text: string) => void,
): Promise<void> {
  const fresh = events.filter((event) => event.position > watch.position)
  const newest = fresh.at(-1)
  if (newest === undefined) return
  watch.position = newest.position
  await mustFollow(watch)
  await resolvePerson(ctx, watch.person)
  if (await changedForReader(ctx, watch.key, fresh)) write(`id: ${newest.position}\ndata: changed\n\n`)
}
