import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/base/root.ts'
import { resourcesIn } from '../../src/kernel/ingest/resources.ts'
import { demoBundles } from '../../src/synth/journeys/demo.ts'

export interface InputBundle {
  readonly name: string
  readonly text: string
  /** Compact text of each resource in it. */
  readonly resources: readonly string[]
}

const sharedFolder = join(packageRoot, '..', 'shared', 'synthea')

/** Real Synthea transaction bundles when they lie beside the project; else the demo journeys, many times over. */
export function sharedBundles(): readonly InputBundle[] {
  if (existsSync(sharedFolder))
    return readdirSync(sharedFolder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => inputOf(name, readFileSync(join(sharedFolder, name), 'utf8')))
  process.stderr.write('../shared/synthea is not there: the demo journeys stand in, and figures are not comparable\n')
  const demo = demoBundles(Temporal.PlainDate.from('2026-11-22'))
  return Array.from({ length: 20 }, (_, copy) =>
    demo.map(({ bundle }, n) => transactionOf(JSON.stringify(bundle), `${copy}-${n}`)),
  ).flat()
}

function transactionOf(text: string, name: string): InputBundle {
  const found = resourcesIn(text, name).flatMap((each) => (each.ok ? [each] : []))
  const entry = found.map(({ draft, id }) => ({
    fullUrl: `https://bench.example/${draft.type}/${id}`,
    resource: draft.resource,
    request: { method: 'POST', url: draft.type },
  }))
  return inputOf(`${name}.json`, JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }))
}

const inputOf = (name: string, text: string): InputBundle => ({
  name,
  text,
  resources: resourcesIn(text, name).flatMap((each) => (each.ok ? [each.draft.text] : [])),
})
