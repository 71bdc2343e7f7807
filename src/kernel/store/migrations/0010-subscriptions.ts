import type { Migration } from './migration.ts'

/**
 * Subscriptions as they run, and what each has to tell. `number` counts a subscription's events without gaps; those up to
 * `delivered` have been taken. A dead event waits for an operator. What the feed has been searched for lies in `setting`.
 */
export const subscriptions: Migration = {
  number: 10,
  name: 'subscriptions',
  statements: [
    `create table subscription (id text collate "C" primary key, ver int4 not null, actor jsonb not null,
      spec jsonb not null, status text not null, reason text not null, start int8 not null, number int8 not null, delivered int8 not null,
      attempts int4 not null, failing timestamptz, next timestamptz, heard timestamptz, holder text, lease timestamptz)`,
    `create table subscription_event (subscription text collate "C" not null, number int8 not null, pos int8 not null,
      at timestamptz not null, person int8 not null, rtype int2 not null, id text collate "C" not null, ver int4 not null,
      op int2 not null, dead timestamptz, primary key (subscription, number))`,
    `create index subscription_event_at on subscription_event (at)`,
  ],
}
