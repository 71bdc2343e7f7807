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
 * then asks for its own URL again, so what it may see is decided in one place. Resumes from `Last-Event-ID`.
 */
export function liveRoute(server: FastifyInstance, web: Web, sessions: Sessions): void {
  server.get('/live', async (request, reply) => {
    const open = await sessions.find(request.cookies[sessionCookie])
    const query = new URLSearchParams(request.url.split('?')[1] ?? '')
    if (open === undefined) return reply.code(401).send('Sign in first')
    const ctx = contextOf(web, open.actor, requestIdOf(undefined))
    const after = String(request.headers['last-event-id'] ?? query.get('after') ?? '')
    try {
      if (!/^\d{1,18}$/.test(after)) throw problem('invalid', 'after must be a position')
      const { key } = await resolvePerson(ctx, query.get('person') ?? '')
      follow(ctx, reply, { person: query.get('person') ?? '', key, position: BigInt(after) })
      return await reply
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return reply.code(error.status).send(error.message)
    }
  })
}

interface Watch {
  readonly person: string
  readonly key: bigint
  position: bigint
}

function follow(ctx: Context, reply: FastifyReply, watch: Watch): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write('retry: 500\n\n')
  // One thing at a time, in the order in which it was asked for.
  let last: Promise<void> = Promise.resolve()
  const next = (work: () => Promise<void>): void => {
    last = last.then(work).catch((error: unknown) => {
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
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs)
  raw.on('close', () => {
    clearInterval(heartbeat)
    stop()
  })
}

/** Tells of events not told yet, if the reader may still see this person and any of what changed. */
async function deliver(
  ctx: Context,
  watch: Watch,
  events: readonly FeedEvent[],
  write: (text: string) => void,
): Promise<void> {
  const fresh = events.filter((event) => event.position > watch.position)
  const end = fresh.at(-1)
  if (end === undefined) return
  watch.position = end.position
  await resolvePerson(ctx, watch.person)
  if (await changedForReader(ctx, watch.key, fresh)) write(`id: ${end.position}\ndata: changed\n\n`)
}
