import type { Migration } from './migration.ts'

/**
 * Bytes of large Binaries, in parts, out of the way of the rows that are searched. A version of a Binary names its content;
 * a content never changes. It is found by its own id and joined with nothing, so it can be distributed by that.
 */
export const contents: Migration = {
  number: 8,
  name: 'contents',
  statements: [
    `create table content (id text collate "C" not null, part int4 not null, bytes bytea not null, primary key (id, part))`,
    // The bytes are packed already, or too varied to be packed again.
    'alter table content alter column bytes set storage external',
  ],
}
