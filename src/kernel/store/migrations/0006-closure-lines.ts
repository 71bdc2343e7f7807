import type { Migration } from './migration.ts'

/** What is above each code of a client's closure table, to find that a later code is above an earlier one. */
export const closureLines: Migration = {
  number: 6,
  name: 'closure-lines',
  statements: [
    `create table closure_line (owner text not null, name text not null, system text not null, code text not null,
      above text not null, primary key (owner, name, system, code, above))`,
  ],
}
