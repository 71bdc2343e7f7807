import { randomUUID } from 'node:crypto'
import type { Submission } from '../../kernel/store/operation.ts'

/** Who writes synthetic data, as the audit remembers it. Each Patient names its organisation; the rest follows it. */
export const seedSubmission = (): Submission => ({
  requestId: randomUUID(),
  actorKind: 'system',
  actor: 'synth',
  actorName: 'Synthetic care system',
  role: 'system',
  organisation: '',
  purpose: 'HOPERAT',
  source: '',
  author: '',
})
