import type { Submission } from '../store/operation.ts'
import type { Context } from './context.ts'

/** Who asks, in the form in which rows and audit remember it. */
export function submissionOf(ctx: Pick<Context, 'actor' | 'purpose' | 'requestId'>): Submission {
  const { actor, purpose, requestId } = ctx
  const common = { requestId, actorKind: actor.kind, actor: actor.id, actorName: actor.name, purpose }
  switch (actor.kind) {
    case 'system':
      return {
        ...common,
        role: 'system',
        organisation: actor.organisation ?? '',
        source: actor.organisation ?? '',
        author: '',
      }
    case 'staff':
      return {
        ...common,
        role: actor.role,
        organisation: actor.organisation,
        source: actor.organisation,
        author: actor.practitioner,
      }
    case 'person':
      return { ...common, role: 'person', organisation: '', source: personSource, author: `Person/${actor.person}` }
    case 'carer':
      return { ...common, role: 'carer', organisation: '', source: personSource, author: actor.relatedPerson }
  }
}

/** The source of what people and their carers add themselves. */
export const personSource = 'person'
