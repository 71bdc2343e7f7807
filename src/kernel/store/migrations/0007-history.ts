import type { Migration } from './migration.ts'

/**
 * The newest changes of a type, for histories and `_lastUpdated`. A page of everything asks type after type, so the index
 * on the time alone is not needed any more.
 */
export const history: Migration = {
  number: 7,
  name: 'history',
  statements: [
    'create index res_type_updated on res (rtype, updated)',
    'create index shared_type_updated on shared (rtype, updated)',
    'create index res_hist_type_updated on res_hist (rtype, updated)',
    'create index shared_hist_type_updated on shared_hist (rtype, updated)',
  ],
  contract: ['drop index res_updated', 'drop index shared_updated'],
}
