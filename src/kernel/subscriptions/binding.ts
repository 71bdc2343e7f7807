import { createHmac, timingSafeEqual } from 'node:crypto'
import { isObject } from '../../base/json.ts'
import { problem } from '../../base/problem.ts'
import type { Actor } from '../access/actor.ts'

/** What a binding token lets its bearer do: hear of these subscriptions, as their owner, until a time. */
export interface Binding {
  readonly actor: Pick<Actor, 'kind' | 'id'>
  readonly subscriptions: readonly string[]
  readonly untilMs: number
}

const lifetimeMs = 300_000

/** Makes a token that any process of this database can check (R4 backport, `$get-ws-binding-token`). */
export function bindingToken(
  actor: Actor,
  subscriptions: readonly string[],
  nowMs: number,
  secret: Uint8Array,
): { readonly token: string; readonly untilMs: number } {
  const untilMs = nowMs + lifetimeMs
  const binding: Binding = { actor: { kind: actor.kind, id: actor.id }, subscriptions, untilMs }
  const text = Buffer.from(JSON.stringify(binding)).toString('base64url')
  return { token: `${text}.${seal(text, secret)}`, untilMs }
}

/** The binding behind a token. */
export function openBinding(token: string, nowMs: number, secret: Uint8Array): Binding {
  const [text = '', mark = ''] = token.split('.')
  const right = Buffer.from(seal(text, secret))
  const given = Buffer.from(mark)
  if (right.length !== given.length || !timingSafeEqual(right, given)) throw refused()
  const binding: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  if (!isBinding(binding) || binding.untilMs < nowMs) throw refused()
  return binding
}

const seal = (text: string, secret: Uint8Array): string =>
  createHmac('sha256', secret).update(`subscription binding\n${text}`).digest('base64url')

const refused = () => problem('unauthenticated', 'The binding token is not valid or has expired')

const isBinding = (value: unknown): value is Binding =>
  isObject(value) &&
  Array.isArray(value['subscriptions']) &&
  isObject(value['actor']) &&
  typeof value['untilMs'] === 'number'
