/**
 * One numbered step of the schema. Never edited once released: a change is a new number, because databases remember
 * the checksum of what they ran. Each statement runs and is recorded in a transaction of its own, so a migration that
 * was interrupted goes on where it stopped; `create index concurrently` is known and runs outside a transaction.
 */
export interface Migration {
  /** 1, 2, 3 … without gaps, the same as the number its file name starts with. */
  readonly number: number
  /** What it does, in the words of its file name: `store`. */
  readonly name: string
  /** Expand: only adds, so that servers of the version before keep working while and after it runs. */
  readonly statements: readonly string[]
  /** Contract: removes what only older versions needed. Runs later, when no older server is left. */
  readonly contract?: readonly string[]
}
