import type { Migration } from './migration.ts'

/**
 * Which views are kept live. `live_view_state` holds a token that is new after every change of `live_view`: writers read
 * it in their transaction and so know whether the views they remember are still the views there are. A chunk is a
 * range of ids that a view still has to be built from. The rows of view N lie in the table `view_N`.
 */
export const liveViews: Migration = {
  number: 4,
  name: 'live-views',
  statements: [
    `create table live_view (id int4 generated always as identity primary key, source text collate "C" not null, name text not null,
      hash text not null, definition jsonb not null, indexes text[] not null, state text not null, planned boolean not null,
      resources int8 not null, rows int8 not null, note text not null, started timestamptz not null, ready timestamptz)`,
    'create index live_view_source on live_view (source)',
    'create table live_view_state (one boolean primary key check (one), token text not null)',
    `create table live_view_chunk (view int4 not null, low text collate "C" not null, high text collate "C" not null,
      primary key (view, low))`,
  ],
}
