import type { StaffActor } from '../../src/kernel/access/actor.ts'
import type { Submission } from '../../src/kernel/store/operation.ts'

/** Who decides reviews. */
export const indexOfficer: StaffActor = {
  kind: 'staff',
  id: 'officer',
  name: 'Oni Officer',
  role: 'index-officer',
  organisation: 'X26',
  organisationName: 'NHS England',
  practitioner: 'Practitioner/officer',
}

/** A supplier's system that submits for one organisation. */
export const systemOf = (ods: string): Submission => ({
  requestId: '00000000-0000-4000-8000-000000000001',
  actorKind: 'system',
  actor: 'feed',
  actorName: 'Feed',
  role: 'system',
  organisation: ods,
  purpose: 'HOPERAT',
  source: ods,
  author: '',
})
