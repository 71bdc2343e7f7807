import type { Organization, Practitioner, PractitionerRole, Reference } from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import type { Setting } from '../../kernel/store/record.ts'

/** A member of staff of an invented organisation. */
export interface Colleague {
  readonly key: string
  readonly prefix?: string
  readonly given: string
  readonly family: string
  readonly role: string
}

/** An invented organisation that sends records. Its code has the shape of an ODS code and belongs to nobody. */
export interface Place {
  readonly key: string
  readonly ods: string
  readonly name: string
  readonly setting: Setting
  readonly kind: string
  readonly phone: string
  readonly staff: readonly Colleague[]
}

const place = (
  key: string,
  ods: string,
  setting: Setting,
  name: string,
  kind: string,
  phone: string,
  staff: readonly Colleague[],
): Place => ({ key, ods, setting, name, kind, phone, staff })

const colleague = (key: string, name: string, role: string): Colleague => {
  const [given = '', family = '', more] = name.split(' ')
  return more === undefined ? { key, given, family, role } : { key, prefix: given, given: family, family: more, role }
}

/** The places of the three journeys. Telephone numbers are from the range kept for drama (Ofcom, 0113 496 0000–0999). */
export const places = {
  surgery: place('surgery', 'Z99801', 'general-practice', 'Park Surgery', 'GP practice', '0113 496 0101', [
    colleague('lee', 'Dr Jane Lee', 'General practitioner'),
    colleague('patel', 'Anil Patel', 'Practice nurse'),
  ]),
  hospital: place('hospital', 'ZT9', 'hospital', 'City Hospital', 'NHS trust', '0113 496 0202', [
    colleague('adeyemi', 'Grace Adeyemi', 'Staff nurse'),
    colleague('novak', 'Dr Petra Novak', 'Consultant geriatrician'),
    colleague('shah', 'Dr Imran Shah', 'Emergency medicine registrar'),
    colleague('walsh', 'Dr Orla Walsh', 'Consultant paediatrician'),
  ]),
  community: place(
    'community',
    'ZC9',
    'community',
    'Northside Community Health',
    'Community health trust',
    '0113 496 0303',
    [
      colleague('brown', 'Lesley Brown', 'Community nurse'),
      colleague('khan', 'Samira Khan', 'School nurse'),
      colleague('reid', 'Tom Reid', 'Physiotherapist'),
    ],
  ),
  mentalHealth: place(
    'talking',
    'ZM9',
    'mental-health',
    'Northside Mental Health',
    'Mental health trust',
    '0113 496 0404',
    [colleague('ferreira', 'Ana Ferreira', 'Psychological wellbeing practitioner')],
  ),
  ambulance: place(
    'ambulance',
    'ZA9',
    'ambulance',
    'Northern Valley Ambulance Service',
    'Ambulance trust',
    '0113 496 0505',
    [colleague('clarke', 'Joe Clarke', 'Paramedic')],
  ),
  pharmacy: place('pharmacy', 'FZ999', 'pharmacy', 'High Street Pharmacy', 'Community pharmacy', '0113 496 0606', [
    colleague('owusu', 'Kofi Owusu', 'Pharmacist'),
  ]),
  council: place(
    'council',
    '9ZZ',
    'social-care',
    'City Council adult social care',
    'Local authority',
    '0113 496 0707',
    [colleague('marsh', 'Helen Marsh', 'Social worker')],
  ),
  careHome: place('home', 'VZ999', 'care-home', 'Willow House', 'Care home', '0113 496 0808', [
    colleague('mensah', 'Abena Mensah', 'Senior care worker'),
  ]),
} as const

const organisationId = (at: Place): string => `demo-${at.key}`
const practitionerId = (at: Place, key: string): string => `demo-${at.key}-${key}`

/** Reference to a place, with its ODS code so that it can be understood before the organisation itself arrives. */
export const placeReference = (at: Place): Reference => ({
  reference: `Organization/${organisationId(at)}`,
  identifier: { system: systems.odsOrganisation, value: at.ods },
  display: at.name,
})

const nameOf = ({ prefix, given, family }: Colleague): string =>
  [prefix, given, family].filter((part) => part !== undefined).join(' ')

/** Reference to a member of staff, with the name as people say it. */
export function staffReference(at: Place, key: string): Reference {
  const found = at.staff.find((each) => each.key === key)
  if (found === undefined) throw new Error(`${at.name} has no ${key}`)
  return { reference: `Practitioner/${practitionerId(at, key)}`, display: nameOf(found) }
}

/** The organisation, its staff and their roles. */
export function placeResources(at: Place): readonly (Organization | Practitioner | PractitionerRole)[] {
  return [placeOrganisation(at), ...at.staff.flatMap((each) => [practitioner(at, each), practitionerRole(at, each)])]
}

const placeOrganisation = (at: Place): Organization => ({
  ...organisation({ ...at, id: organisationId(at) }),
  telecom: [{ system: 'phone', value: at.phone, use: 'work' }],
})

/** An invented organisation as a resource, with what Linchpin needs to name it and to know what kind of place it is. */
export const organisation = (at: {
  readonly id: string
  readonly ods: string
  readonly name: string
  readonly setting: Setting
  readonly kind?: string
}): Organization => ({
  resourceType: 'Organization',
  id: at.id,
  identifier: [{ system: systems.odsOrganisation, value: at.ods }],
  active: true,
  type: [
    {
      coding: [{ system: 'https://linchpin.example/fhir/CodeSystem/care-setting', code: at.setting }],
      ...(at.kind === undefined ? {} : { text: at.kind }),
    },
  ],
  name: at.name,
})

const practitioner = (at: Place, { key, prefix, given, family }: Colleague): Practitioner => ({
  resourceType: 'Practitioner',
  id: practitionerId(at, key),
  active: true,
  name: [{ use: 'official', family, given: [given], ...(prefix === undefined ? {} : { prefix: [prefix] }) }],
})

const practitionerRole = (at: Place, each: Colleague): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: `${practitionerId(at, each.key)}-role`,
  active: true,
  practitioner: staffReference(at, each.key),
  organization: placeReference(at),
  code: [{ text: each.role }],
})
