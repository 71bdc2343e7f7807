import type { Migration } from './migration.ts'

/** Quantities in base units beside what was sent; `canon` is the hash of what the unit measures. */
export const canonicalQuantities: Migration = {
  number: 2,
  name: 'canonical-quantities',
  statements: [
    'alter table res_num add column canon int8, add column canon_low numeric, add column canon_high numeric',
    'create index res_num_canon on res_num (key, canon, canon_low) where canon is not null',
  ],
}
