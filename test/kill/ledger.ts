/** One answer that a writer was given: what it was told is stored. */
export interface Acknowledged {
  readonly request: string
  /** Served bytes by `Type/id` and version; empty for a deletion. */
  readonly versions: readonly { readonly name: string; readonly version: number; readonly body: string }[]
  /** Set for a transaction: the identifier that each of its five resources carries. */
  readonly marker?: string
}

/** What the writers know: everything the server has said yes to, and every answer that should not have been. */
export class Ledger {
  readonly acknowledged: Acknowledged[] = []
  /** Answers that are neither a yes nor a failure of the server. */
  readonly surprises: string[] = []
  #made = 0

  /** A number nobody had before. */
  next(): number {
    this.#made += 1
    return this.#made
  }
}

/** What a served resource says of itself. */
export function versionIn(text: string): Acknowledged['versions'][number] {
  const resource: { resourceType: string; id: string; meta: { versionId: string } } = JSON.parse(text)
  return { name: `${resource.resourceType}/${resource.id}`, version: Number(resource.meta.versionId), body: text }
}
