import { packageVersion, releaseDate } from '../../base/package.ts'
import { resourceTypeNames } from '../fhir/resource-types.ts'
import { messagingCapability } from '../operations/message/events.ts'
import { compartmentTypes } from '../search/compartment.ts'
import { whyNotSearchable } from '../search/composite.ts'
import { searchLimits } from '../search/limits.ts'
import { searchParametersOf } from '../search/parameters.ts'
import type { ReferencePolicy } from '../store/integrity.ts'
import { websocketPath } from '../subscriptions/operations.ts'
import { builtInTopics } from '../subscriptions/topics.ts'
import { formatByName } from './format.ts'
import { limits } from './limits.ts'
import type { FhirOperation } from './operation.ts'
import { operations } from './operations.ts'
import { jsonPatchType } from './patch.ts'

const interactions = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
]

const texts = new Map<string, string>()

/** The CapabilityStatement, made from what runs: every type, and every parameter that has search columns. */
export function capabilityStatement(base: string, references: ReferencePolicy): string {
  const known = texts.get(base)
  if (known !== undefined) return known
  const text = JSON.stringify(statement(base, references))
  texts.clear()
  texts.set(base, text)
  return text
}

/** The same as a value, for what is made from it. */
export function statement(base: string, references: ReferencePolicy) {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: releaseDate,
    kind: 'instance',
    software: { name: 'Linchpin', version: packageVersion, releaseDate },
    implementation: { description: 'Linchpin health and care record', url: base },
    fhirVersion: '4.0.1',
    format: Object.keys(formatByName).filter((name) => name !== 'text/json' && name !== 'text/xml'),
    patchFormat: [jsonPatchType, 'application/fhir+json', 'application/fhir+xml'],
    instantiates: ['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'],
    rest: [
      {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket',
            valueUri: `${base.replace(/^http/, 'ws')}/${websocketPath}`,
          },
        ],
        mode: 'server',
        documentation: documentation(base, references),
        security: {
          // SMART App Launch: where tokens come from. There is no authorisation endpoint yet, and none is named.
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: [{ url: 'token', valueUri: new URL('/auth/token', base).href }],
            },
          ],
          description: 'OAuth 2.0 client credentials at /auth/token; every read and write is audited',
        },
        interaction: ['transaction', 'batch', 'search-system', 'history-system'].map((code) => ({ code })),
        searchParam: ['_type', '_filter', '_list'].map((name) => ({ name, type: 'special' })),
        compartment: compartmentTypes.map((type) => `http://hl7.org/fhir/CompartmentDefinition/${type.toLowerCase()}`),
        resource: resourceTypeNames.map((type) => resource(type, references)),
        ...operationsOf((each) => each.levels.includes('system')),
      },
    ],
    messaging: [messagingCapability(base)],
  }
}

const documentation = (base: string, { missing, deleting }: ReferencePolicy): string =>
  [
    `OpenAPI 3.1: ${base}/openapi.json`,
    `References to what is not stored here: ${missing === 'refuse' ? 'refused with 422' : 'kept'}. `,
    `Deleting what is referred to: ${deleting === 'refuse' ? 'refused with 409' : 'allowed'}.`,
    'A conditional delete deletes all that match, in one transaction. Deleted resources keep their history.',
    'FHIRPath Patch knows members, indexes, first, last, single, ofType, as, extension and where with comparisons.',
    'Answers are packed with gzip or br for who accepts that; requests may be packed with gzip, deflate or br.',
    `${searchLimits()}.`,
    'Limits:',
    ...limits.map(([what, most]) => `- ${what}: ${most}`),
  ].join('\n')

/** The element that lists operations; absent where there are none. */
function operationsOf(listed: (operation: FhirOperation) => boolean) {
  const found = operations.filter(listed)
  return found.length === 0 ? {} : { operation: found.map(({ name, definition }) => ({ name, definition })) }
}

/** Topics that one can subscribe to (R4 topic backport 1.1, topic discovery). */
const topicExtensions = builtInTopics.map(({ url }) => ({
  url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical',
  valueCanonical: url,
}))

const onType = ({ levels, types }: FhirOperation, type: string): boolean =>
  (levels.includes('type') || levels.includes('instance')) && types?.includes(type) !== false

function resource(type: string, { missing }: ReferencePolicy) {
  const searchable = searchParametersOf(type).filter((each) => whyNotSearchable(type, each) === undefined)
  const references = searchable.filter((each) => each.type === 'reference')
  return {
    ...(type === 'Subscription' ? { extension: topicExtensions } : {}),
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'multiple',
    referencePolicy: ['literal', 'logical', 'local', ...(missing === 'refuse' ? ['enforced'] : [])],
    searchInclude: ['*', ...references.map((each) => `${type}:${each.code}`)],
    searchRevInclude: ['*'],
    searchParam: searchable.map((each) => ({ name: each.code, type: each.type })),
    ...operationsOf((each) => onType(each, type)),
  }
}
