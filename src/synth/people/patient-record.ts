import type { Identifier, Patient } from 'fhir/r4.js'
import { systems } from '../../kernel/fhir/systems.ts'
import { diceOf } from '../dice.ts'
import { areaExtensions } from '../ics/areas.ts'
import type { Organisation } from '../ics/organisations.ts'
import { isoDay, isoMoment } from '../london.ts'
import { defectRates, defectTag } from './defects.ts'
import { ethnicityNames, languageNames } from './demography.ts'
import type { Person } from './person.ts'

/** An organisation's Patient for a person: one, or two when it registered them twice. */
export function patientRecord(person: Person, at: Organisation): readonly { readonly resource: Patient }[] {
  const whole = wholeRecord(person, at)
  const dice = diceOf('patient', person.key, at.ods)
  const hard = hardDefect(person)
  if (hard?.ods === at.ods && hard.kind === 'two-birth-dates')
    return [{ resource: { ...whole, ...defectTag('two-birth-dates'), birthDate: isoDay(person.born + 365) } }]
  if (hard?.ods === at.ods)
    return [
      {
        resource: {
          ...whole,
          ...defectTag('moved-without-number'),
          ...withoutNumber(whole),
          address: [elsewhere(person)],
        },
      },
    ]
  if (at.part === 'practice' || person.birth !== undefined) return [{ resource: whole }]
  const social = at.setting === 'social-care' || at.setting === 'care-home'
  if (dice.chance(social ? defectRates['no-number-social'] : defectRates['no-number']))
    return [{ resource: { ...whole, ...defectTag('no-number'), ...withoutNumber(whole) } }]
  if (at.setting === 'hospital' && dice.chance(defectRates['registered-twice']))
    return [
      { resource: whole },
      { resource: { ...whole, ...defectTag('registered-twice'), id: `${whole.id ?? ''}-again` } },
    ]
  return [{ resource: dice.chance(0.1) ? { ...whole, name: [inCapitals(person)] } : whole }]
}

interface HardDefect {
  readonly ods: string
  readonly kind: 'two-birth-dates' | 'moved-without-number'
}

/** A record that the person index must set apart: at most one for a person, always the acute trust's. */
function hardDefect(person: Person): HardDefect | undefined {
  if (person.birth !== undefined || person.home.careHome !== undefined) return undefined
  const dice = diceOf('hard', person.key)
  const drawn = dice.real()
  if (drawn < defectRates['two-birth-dates']) return { ods: 'ZT9', kind: 'two-birth-dates' }
  if (drawn < defectRates['two-birth-dates'] + defectRates['moved-without-number'])
    return { ods: 'ZT9', kind: 'moved-without-number' }
  return undefined
}

const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition'

function wholeRecord(person: Person, at: Organisation): Patient {
  const { home, sex, born, key } = person
  return {
    resourceType: 'Patient',
    id: `${key}-${at.ods.toLowerCase()}`,
    meta: { profile: [`${ukCore}/UKCore-Patient`] },
    extension: [ethnicity(person.ethnicity), birthSex(sex)],
    identifier: [...numberOf(person), localNumber(person, at)],
    active: true,
    name: [{ use: 'official', family: person.family, given: [person.given, person.second], ...title(person) }],
    telecom: [{ system: 'phone', value: phoneOf(person.index), use: 'mobile' }],
    gender: sex,
    birthDate: isoDay(born),
    ...(person.birth === undefined ? {} : { _birthDate: birthTime(person.birth.moment) }),
    address: [
      {
        extension: areaExtensions(home.area, home),
        use: 'home',
        line: [home.line],
        city: home.area.town,
        postalCode: home.postcode,
      },
    ],
    ...(person.language === 'en' ? {} : { communication: [spoken(person.language)] }),
    ...(at.part === 'practice' ? { generalPractitioner: [organisationReference(at)] } : {}),
    managingOrganization: organisationReference(at),
  }
}

export const organisationReference = (at: Organisation) => ({
  reference: `Organization/${at.id}`,
  identifier: { system: systems.odsOrganisation, value: at.ods },
  display: at.name,
})

const numberOf = (person: Person): Identifier[] =>
  person.nhsNumber === undefined
    ? []
    : [
        {
          extension: [
            {
              url: systems.nhsNumberVerificationExtension,
              valueCodeableConcept: {
                coding: [{ system: systems.nhsNumberVerification, code: '01', display: 'Number present and verified' }],
              },
            },
          ],
          system: systems.nhsNumber,
          value: person.nhsNumber,
        },
      ]

const localNumber = (person: Person, at: Organisation): Identifier => ({
  system: `https://linchpin.example/${at.ods}/patient`,
  value: `${at.ods}${diceOf('local', person.key, at.ods).between(1_000_000, 9_999_999)}`,
})

const withoutNumber = (whole: Patient): Pick<Patient, 'identifier'> => ({
  identifier: (whole.identifier ?? []).filter(({ system }) => system !== systems.nhsNumber),
})

/** Telephone numbers of the range kept for drama (Ofcom, 07700 900000 to 900999). */
const phoneOf = (index: number): string => `07700 900${String(index % 1000).padStart(3, '0')}`

const ethnicity = (code: string) => ({
  url: `${ukCore}/Extension-UKCore-EthnicCategory`,
  valueCodeableConcept: {
    coding: [
      {
        system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland',
        code,
        display: ethnicityNames[code] ?? code,
      },
    ],
  },
})

const birthSex = (sex: Person['sex']) => ({
  url: systems.birthSexExtension,
  valueCodeableConcept: {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender',
        code: sex === 'female' ? 'F' : 'M',
        display: sex === 'female' ? 'Female' : 'Male',
      },
    ],
  },
})

const birthTime = (moment: number) => ({
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: isoMoment(moment) }],
})

const spoken = (code: string) => ({
  language: {
    coding: [
      {
        system: 'urn:ietf:bcp:47',
        code,
        display: languageNames[code] ?? code,
      },
    ],
  },
  preferred: true,
})

function title({ sex, index }: Person): { prefix?: string[] } {
  if (index % 3 !== 0) return {}
  return { prefix: [sex === 'male' ? 'Mr' : index % 2 === 0 ? 'Mrs' : 'Ms'] }
}

const inCapitals = (person: Person) => ({
  use: 'official' as const,
  family: person.family.toUpperCase(),
  given: [person.given.toUpperCase()],
})

const elsewhere = ({ index }: Person) => ({
  use: 'home' as const,
  line: [`${1 + (index % 90)} Former Street`],
  city: 'Othertown',
  postalCode: `LV${40 + (index % 40)} ${index % 10}ZZ`,
})

/** A Patient as it becomes when the death is known. */
export const deceased = (person: Person, at: Organisation, moment: number): readonly Patient[] =>
  patientRecord(person, at).map(({ resource }) => ({ ...resource, deceasedDateTime: isoMoment(moment) }))
