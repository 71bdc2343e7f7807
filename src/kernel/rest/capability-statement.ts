import { resourceTypeNames } from '../fhir/resource-types.ts'
import { messagingCapability } from '../operations/message/events.ts'
import { whyNotSearchable } from '../search/composite.ts'
import { searchParametersOf } from '../search/parameters.ts'
import type { FhirOperation } from './operation.ts'
import { operations } from './operations.ts'

const interactions = ['read', 'vread', 'update', 'delete', 'history-instance', 'create', 'search-type']

const texts = new Map<string, string>()

/** The CapabilityStatement, made from what runs: every type, and every parameter that has search columns. */
export function capabilityStatement(base: string): string {
  const known = texts.get(base)
  if (known !== undefined) return known
  const text = JSON.stringify(statement(base))
  texts.clear()
  texts.set(base, text)
  return text
}

function statement(base: string) {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-22',
    kind: 'instance',
    software: { name: 'Linchpin' },
    implementation: { description: 'Linchpin health and care record', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: { description: 'OAuth 2.0 client credentials at /auth/token; every read and write is audited' },
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        resource: resourceTypeNames.map(resource),
        ...operationsOf((each) => each.levels.includes('system')),
      },
    ],
    messaging: [messagingCapability(base)],
  }
}

/** The element that lists operations; absent where there are none. */
function operationsOf(listed: (operation: FhirOperation) => boolean) {
  const found = operations.filter(listed)
  return found.length === 0 ? {} : { operation: found.map(({ name, definition }) => ({ name, definition })) }
}

const onType = ({ levels, types }: FhirOperation, type: string): boolean =>
  (levels.includes('type') || levels.includes('instance')) && types?.includes(type) !== false

function resource(type: string) {
  const searchable = searchParametersOf(type).filter((each) => whyNotSearchable(type, each) === undefined)
  const references = searchable.filter((each) => each.type === 'reference')
  return {
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalUpdate: true,
    referencePolicy: ['literal', 'local'],
    searchInclude: ['*', ...references.map((each) => `${type}:${each.code}`)],
    searchRevInclude: ['*'],
    searchParam: searchable.map((each) => ({ name: each.code, type: each.type })),
    ...operationsOf((each) => onType(each, type)),
  }
}
