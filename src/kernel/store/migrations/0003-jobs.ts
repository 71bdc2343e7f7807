import type { Migration } from './migration.ts'

/**
 * Work that outlives the request which asked for it. `lease` says until when `holder` may go on; whoever finds it past
 * takes the job over at its checkpoint. Lists that a job works through lie in tables of the schema `work`, one a job.
 */
export const jobs: Migration = {
  number: 3,
  name: 'jobs',
  statements: [
    `create table job (id text collate "C" primary key, kind text not null, actor jsonb not null, purpose text not null,
      request_id text not null, request jsonb not null, body text not null, state text not null, holder text, lease timestamptz,
      attempts int4 not null, created timestamptz not null, ended timestamptz, expires timestamptz, progress text not null,
      checkpoint jsonb, result jsonb)`,
    `create index job_state on job (state, created)`,
    `create schema if not exists work`,
  ],
}
