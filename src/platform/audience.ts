import type { Actor, StaffRole } from '../kernel/access/actor.ts'

/** A role in words, as people at work say it. */
export const roleWords: Readonly<Record<StaffRole, string>> = {
  gp: 'GP',
  'hospital-nurse': 'hospital nurse',
  'care-home-worker': 'care home worker',
  analyst: 'analyst',
  'index-officer': 'index officer',
}

/** Who is signed in, in words: "Dr Jane Lee, GP, Park Surgery". */
export function actorWords(actor: Actor): string {
  switch (actor.kind) {
    case 'staff':
      return `${actor.name}, ${roleWords[actor.role]}, ${actor.organisationName}`
    case 'carer':
      return `${actor.name}, ${actor.relationship} of ${actor.personName}`
    default:
      return actor.name
  }
}
