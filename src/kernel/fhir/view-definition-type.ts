import type { CompiledSearchParameter, CompiledType } from './definitions.ts'

const constantTypes =
  'base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time unsignedInt uri url uuid'.split(
    ' ',
  )

const text = (name: string, type = 'string', min = 0) => ({ name, types: [type], ...(min > 0 ? { min } : {}) })
const many = (name: string, type: string, min = 0) => ({ ...text(name, type, min), many: true })

/** ViewDefinition of SQL on FHIR v2 (HL7, 2.0) in the form of the R4 definitions, so that it is checked like any resource. */
export const viewDefinitionTypes: Readonly<Record<string, CompiledType>> = {
  ViewDefinition: {
    kind: 'resource',
    base: 'DomainResource',
    elements: [
      text('url', 'uri'),
      many('identifier', 'Identifier'),
      text('version'),
      { name: 'versionAlgorithm', types: ['string', 'Coding'], choice: true },
      text('name'),
      text('title'),
      text('status', 'code', 1),
      text('experimental', 'boolean'),
      text('date', 'dateTime'),
      text('publisher'),
      many('contact', 'ContactDetail'),
      text('description', 'markdown'),
      many('useContext', 'UsageContext'),
      many('jurisdiction', 'CodeableConcept'),
      text('purpose', 'markdown'),
      text('copyright', 'markdown'),
      text('copyrightLabel'),
      text('resource', 'code', 1),
      many('profile', 'canonical'),
      many('fhirVersion', 'code'),
      many('constant', 'ViewDefinition.constant'),
      many('where', 'ViewDefinition.where'),
      many('select', 'ViewDefinition.select', 1),
    ],
  },
  'ViewDefinition.constant': {
    kind: 'complex',
    base: 'BackboneElement',
    elements: [text('name', 'string', 1), { name: 'value', types: constantTypes, choice: true, min: 1 }],
  },
  'ViewDefinition.where': {
    kind: 'complex',
    base: 'BackboneElement',
    elements: [text('path', 'string', 1), text('description')],
  },
  'ViewDefinition.select': {
    kind: 'complex',
    base: 'BackboneElement',
    elements: [
      many('column', 'ViewDefinition.select.column'),
      many('select', 'ViewDefinition.select'),
      text('forEach'),
      text('forEachOrNull'),
      many('repeat', 'string'),
      many('unionAll', 'ViewDefinition.select'),
    ],
  },
  'ViewDefinition.select.column': {
    kind: 'complex',
    base: 'BackboneElement',
    elements: [
      text('path', 'string', 1),
      text('name', 'string', 1),
      text('description', 'markdown'),
      text('collection', 'boolean'),
      text('type', 'uri'),
      many('tag', 'ViewDefinition.select.column.tag'),
    ],
  },
  'ViewDefinition.select.column.tag': {
    kind: 'complex',
    base: 'BackboneElement',
    elements: [text('name', 'string', 1), text('value', 'string', 1)],
  },
}

const parameter = (
  code: string,
  type: CompiledSearchParameter['type'],
  expression = code,
): CompiledSearchParameter => ({
  id: `ViewDefinition-${code}`,
  code,
  type,
  base: ['ViewDefinition'],
  expression: `ViewDefinition.${expression}`,
})

/** Search parameters of ViewDefinition, named as those of R4's other definitions are. */
export const viewDefinitionParameters: readonly CompiledSearchParameter[] = [
  parameter('url', 'uri'),
  parameter('identifier', 'token'),
  parameter('version', 'token'),
  parameter('name', 'string'),
  parameter('title', 'string'),
  parameter('status', 'token'),
  parameter('date', 'date'),
  parameter('publisher', 'string'),
  parameter('resource', 'token'),
]
