import type { Problem } from '../../base/problem.ts'
import type { Draft } from './draft.ts'
import type { TableName } from './rows.ts'

/** Who submits a write, as the audit and the row itself remember it. */
export interface Submission {
  readonly requestId: string
  readonly actorKind: string
  readonly actor: string
  readonly actorName: string
  readonly role: string
  /** ODS code of the organisation the actor speaks for; empty when it speaks for none. */
  readonly organisation: string
  readonly purpose: string
  /** What the row's source becomes; empty: the source of the Patient it is about. */
  readonly source: string
  /** What the row's author becomes; empty: what the resource itself says. */
  readonly author: string
}

/** One resource to be written. In one commit a resource occurs once. */
export interface Operation {
  readonly action: 'create' | 'update' | 'delete'
  readonly type: string
  readonly rtype: number
  readonly id: string
  /** Absent for a delete. */
  readonly draft?: Draft
  /** The id was made here just now: nothing can be stored under it. */
  readonly newId: boolean
  /** Version the caller believes is current (`If-Match`). */
  readonly ifMatch?: number
  /** Only when nothing is there (`If-None-Match: *`). */
  readonly ifAbsent?: boolean
  /** Id for the golden Person, should this Patient turn out to be of someone new. */
  readonly personHint?: string
  readonly submission: Submission
}

/** Why a Patient was stored apart for a human to look at. */
export interface OpenReview {
  readonly kind: 'possible-match' | 'conflict'
  readonly because: string
}

interface Stored {
  readonly type: string
  readonly id: string
  readonly version: number
  readonly updatedMs: number
  readonly person: bigint
  readonly body: string
}

/** What became of an operation. `waiting`: whose it is will be known when what it points to arrives. */
export type Outcome =
  | (Stored & {
      readonly kind: 'created' | 'updated' | 'unchanged'
      readonly waiting: boolean
      readonly review?: OpenReview
    })
  | (Omit<Stored, 'body'> & { readonly kind: 'deleted' })
  /** An import brought a version that was current once; whether it is news is known when the import ends. */
  | { readonly kind: 'deferred'; readonly type: string; readonly id: string }
  | { readonly kind: 'absent'; readonly type: string; readonly id: string }
  | { readonly kind: 'refused'; readonly type: string; readonly id: string; readonly problem: Problem }

/** A row as it stands, read under its lock. */
export interface CurrentRow {
  readonly table: TableName
  readonly person: bigint
  readonly rtype: number
  readonly id: string
  readonly version: number
  readonly updatedMs: number
  readonly source: string
  readonly author: string
  readonly body: string
}

/** The name under which locks and maps know a resource. */
export const nameOf = (type: string, id: string): string => `${type}/${id}`
