import type { Migration } from './migration.ts'

/** Columns of a current row; the same for what belongs to a person (`res`) and for what all share (`shared`). */
const currentColumns = `
  person int8 not null,
  rtype int2 not null,
  id text collate "C" not null,
  ver int4 not null,
  updated timestamptz not null,
  code int8 not null,
  date timestamptz,
  toks int8[] not null,
  source text collate "C" not null,
  author text collate "C" not null,
  body text not null,
  primary key (person, rtype, id)`

const historyColumns = `
  person int8 not null,
  rtype int2 not null,
  id text collate "C" not null,
  ver int4 not null,
  updated timestamptz not null,
  op int2 not null,
  source text collate "C" not null,
  author text collate "C" not null,
  body text not null,
  primary key (person, rtype, id, ver)`

/**
 * The store. `person` is the 64-bit key of the owning golden Person, 0 for what belongs to no person; every primary key
 * holds it, so that the same tables can be distributed by it. Unique (rtype, id) exists on one node only. Layout and
 * measurements: docs/decisions on the storage layout.
 */
export const store: Migration = {
  number: 1,
  name: 'store',
  statements: [
    `create table res (${currentColumns})`,
    'create unique index res_id on res (rtype, id)',
    'create index res_person on res (person, rtype, code, date desc)',
    'create index res_code on res (rtype, code, date desc)',
    'create index res_tok on res using gin (toks)',
    'create index res_updated on res (updated)',
    `create table res_hist (${historyColumns})`,
    'create index res_hist_id on res_hist (rtype, id)',
    `create table shared (${currentColumns})`,
    'create unique index shared_id on shared (rtype, id)',
    'create index shared_code on shared (rtype, code, date desc)',
    'create index shared_tok on shared using gin (toks)',
    'create index shared_updated on shared (updated)',
    `create table shared_hist (${historyColumns})`,
    'create index shared_hist_id on shared_hist (rtype, id)',
    // Normalised strings (no accents, lower case) and ranges of dates; `key` is the hash of "Type.parameter".
    // `raw` is the hash of the text as sent; `whole` holds a text that is longer than what `val` indexes.
    `create table res_str (person int8 not null, key int8 not null, val text collate "C" not null, raw int8 not null,
      whole text collate "C", rtype int2 not null, id text collate "C" not null)`,
    'create index res_str_value on res_str (key, val)',
    'create index res_str_row on res_str (person, rtype, id)',
    `create table res_date (person int8 not null, key int8 not null, low timestamptz not null, high timestamptz not null,
      rtype int2 not null, id text collate "C" not null)`,
    'create index res_date_value on res_date (key, low)',
    'create index res_date_row on res_date (person, rtype, id)',
    // Numbers and quantities, exact decimals. Units are hashes: of system and code, of the code, of the displayed unit.
    `create table res_num (person int8 not null, key int8 not null, low numeric not null, high numeric not null,
      coded int8 not null, code int8 not null, unit int8 not null, rtype int2 not null, id text collate "C" not null)`,
    'create index res_num_value on res_num (key, low)',
    'create index res_num_row on res_num (person, rtype, id)',
    // Rows whose person is not known yet: found again when the resource they point to (hash of "Type/id") arrives.
    `create table waiting (key int8 not null, rtype int2 not null, id text collate "C" not null, primary key (key, rtype, id))`,
    'create index waiting_row on waiting (rtype, id)',
    // Keys under which the person index finds candidates: NHS number, demographics, date of birth with Soundex.
    `create table match_key (key int8 not null, person int8 not null, patient text collate "C" not null,
      primary key (key, patient))`,
    'create index match_key_patient on match_key (patient)',
    `create table outbox (seq int8 generated always as identity, person int8 not null, rtype int2 not null,
      id text collate "C" not null, ver int4 not null, op int2 not null, primary key (person, seq))`,
    'create index outbox_seq on outbox (seq)',
    `alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`,
    `create table feed (pos int8 primary key, person int8 not null, rtype int2 not null, id text collate "C" not null,
      ver int4 not null, op int2 not null, at timestamptz not null)`,
    `create table audit (person int8 not null, seq int8 generated always as identity, at timestamptz not null,
      request text not null, actor_kind text not null, actor text not null, actor_name text not null, role text not null,
      organisation text not null, purpose text not null, action text not null, outcome text not null,
      ids text[] not null, primary key (person, seq))`,
    `create table session (token bytea primary key, actor jsonb not null, csrf text not null, confirmed text[] not null,
      started timestamptz not null, seen timestamptz not null)`,
    'create table setting (name text primary key, value text not null)',
  ],
}
