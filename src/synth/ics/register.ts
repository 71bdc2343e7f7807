import type {
  CodeableConcept,
  Extension,
  FhirResource,
  HealthcareService,
  Location,
  Organization,
  OrganizationAffiliation,
} from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import { diceOf } from '../dice.ts'
import { organisation, placeResources } from '../journeys/places.ts'
import type { SynthSettings } from '../settings.ts'
import { areaLocations, position } from './areas.ts'
import { bedPlaces } from './beds.ts'
import { type Organisation, organisations, type Part } from './organisations.ts'
import { specialties } from './specialties.ts'
import { clinics, staffResources } from './staff.ts'

/** What belongs to no person: organisations, sites, services, staff, rotas and what can be booked. */
export function register(settings: SynthSettings): readonly FhirResource[] {
  return [
    ...areaLocations(),
    ...organisations.flatMap((each): FhirResource[] => [
      ...organisationResources(each),
      siteOf(each),
      digitalState(each),
      ...affiliation(each),
      ...servicesOf(each),
      ...staffResources(each),
      ...bedPlaces(each, settings),
      ...clinics(each, settings.today),
    ]),
  ]
}

const reference = (each: Organisation) => ({
  reference: `Organization/${each.id}`,
  identifier: { system: systems.odsOrganisation, value: each.ods },
  display: each.name,
})

const organisationResources = (each: Organisation): readonly FhirResource[] =>
  each.place === undefined ? [plainOrganisation(each)] : placeResources(each.place)

const plainOrganisation = (each: Organisation): Organization => organisation(each)

/** Kind of site, by HL7's codes where one fits. */
const siteCodes: Readonly<Partial<Record<Part, readonly [code: string, display: string]>>> = {
  practice: ['PROFF', "Provider's Office"],
  acute: ['HOSP', 'Hospital'],
  elective: ['HOSP', 'Hospital'],
  pharmacy: ['PHARM', 'Pharmacy'],
  'care-home': ['NCCF', 'Nursing or custodial care facility'],
}

function siteKind({ part, kind }: Organisation): CodeableConcept {
  const found = siteCodes[part]
  const system = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
  return found === undefined ? { text: kind } : { coding: [{ system, code: found[0], display: found[1] }], text: kind }
}

const siteOf = (each: Organisation): Location => ({
  resourceType: 'Location',
  id: `${each.id}-site`,
  status: 'active',
  name: each.name,
  mode: 'instance',
  type: [siteKind(each)],
  position: position(each),
  managingOrganization: reference(each),
})

function affiliation(each: Organisation): readonly OrganizationAffiliation[] {
  const parent = organisations.find(({ ods }) => ods === each.within)
  if (parent === undefined) return []
  return [
    {
      resourceType: 'OrganizationAffiliation',
      id: `${each.id}-member`,
      active: true,
      organization: reference(parent),
      participatingOrganization: reference(each),
      code: [{ text: 'Member' }],
    },
  ]
}

/** What a hospital offers, by treatment function. Electronic booking reads the days people have waited lately. */
function servicesOf(each: Organisation): readonly HealthcareService[] {
  const offered = specialties.filter(({ providers }) => providers.includes(each.ods))
  return offered.map(({ code, name }) => ({
    resourceType: 'HealthcareService',
    id: `${each.id}-service-${code}`,
    active: true,
    providedBy: reference(each),
    specialty: [{ coding: [{ system: specialtySystem, code, display: name }], text: name }],
    location: [{ reference: `Location/${each.id}-site`, display: each.name }],
    name: `${name}, ${each.name}`,
  }))
}

/** Treatment functions of the NHS Data Dictionary, in the form of NHS England's data model. */
export const specialtySystem = 'https://fhir.nhs.uk/CodeSystem/NHSDataModelAndDictionary-treatment-function'

const digitalUrl = 'https://linchpin.example/fhir/StructureDefinition/digital-state'
const epr = ['Northlight EPR', 'Northlight EPR', 'Open Ward EPR'] as const

const isCareProvider = ({ part }: Organisation): boolean => part === 'care-home' || part === 'home-care'

/** Whether it has a digital record: 80 % of care providers (DSCR-80 in targets.json), 86 % of trusts (EPR-86). */
export const hasRecordSystem = (each: Organisation): boolean =>
  diceOf('care-record', each.ods).chance(isCareProvider(each) ? 0.8 : each.part === 'practice' ? 1 : 0.86)

/** How digital an organisation is: its record system, since when, data security status, connection. */
function digitalState(each: Organisation): FhirResource {
  const dice = diceOf('digital', each.ods)
  const facts: Extension[] = []
  const since = (from: number): string => `${from + dice.below(4)}-${String(1 + dice.below(12)).padStart(2, '0')}-01`
  const careProvider = isCareProvider(each)
  if (hasRecordSystem(each)) {
    facts.push({ url: 'recordSystem', valueString: careProvider ? 'Hearth Care Record' : dice.pick(epr) })
    facts.push({ url: 'recordLive', valueDate: since(careProvider ? 2021 : 2017) })
  }
  facts.push({ url: 'dataSecurity', valueString: dice.chance(0.9) ? 'Standards met' : 'Approaching standards' })
  // More than 60 % of care homes have an internet connection that is not enough: CONN-60.
  facts.push({ url: 'fibre', valueBoolean: !careProvider || dice.chance(0.4) })
  if (each.part === 'practice') {
    facts.push({ url: 'cloudTelephony', valueDate: since(2021) })
    facts.push({ url: 'prospectiveRecordAccess', valueBoolean: dice.chance(0.9) })
  }
  return {
    resourceType: 'Basic',
    id: `${each.id}-digital`,
    extension: [{ url: digitalUrl, extension: facts }],
    code: { text: 'Digital state of an organisation' },
    subject: reference(each),
  }
}
