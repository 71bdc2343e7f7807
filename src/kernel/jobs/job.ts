import type { Actor, Purpose } from '../access/actor.ts'
import { text, whole } from '../store/current.ts'
import type { Row } from '../store/database.ts'

/** What a job does; each kind has its handler. */
export const jobKinds = ['export', 'import', 'request'] as const
export type JobKind = (typeof jobKinds)[number]

export const jobStates = ['queued', 'running', 'done', 'failed'] as const
export type JobState = (typeof jobStates)[number]

/** One piece of work that goes on after the request that asked for it, in whichever process has time. */
export interface Job {
  readonly id: string
  readonly kind: JobKind
  readonly actor: Actor
  readonly purpose: Purpose
  /** Of the request that asked for it: the audit of all it does carries this. */
  readonly requestId: string
  /** What was asked, as its handler understands it. */
  readonly request: unknown
  /** The body that came with the request, when its handler needs one. */
  readonly body: string
  readonly state: JobState
  readonly createdMs: number
  readonly expiresMs: number
  /** How far it is, in words. */
  readonly progress: string
  /** Where to go on after an interruption; null before the first. */
  readonly checkpoint: unknown
  readonly result: unknown
}

const decodeActor = (value: unknown): Actor => value as Actor
const decodePurpose = (value: string): Purpose => value as Purpose

/** A row of `job`, selected with `jobColumns`. */
export const jobOf = (row: Row): Job => ({
  id: text(row, 'id'),
  kind: jobKinds.find((each) => each === row['kind']) ?? 'request',
  actor: decodeActor(row['actor']),
  purpose: decodePurpose(text(row, 'purpose')),
  requestId: text(row, 'request_id'),
  request: row['request'],
  body: text(row, 'body'),
  state: jobStates.find((each) => each === row['state']) ?? 'failed',
  createdMs: Math.round(whole(row, 'created_ms')),
  expiresMs: Math.round(whole(row, 'expires_ms')),
  progress: text(row, 'progress'),
  checkpoint: row['checkpoint'] ?? null,
  result: row['result'] ?? null,
})
