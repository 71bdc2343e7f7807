import type { StaffRole } from '../../kernel/access/actor.ts'
import { childJourney } from './child.ts'
import { type DemoBundle, idOf } from './feed.ts'
import { indexWork } from './index-work.ts'
import { daughterId, olderPersonJourney } from './older-person.ts'
import { type Place, places, staffReference } from './places.ts'
import { workingAgeJourney } from './working-age.ts'

/** Everything an empty demo database is filled with: three care journeys, and work for the person index. */
export const demoBundles = (today: Temporal.PlainDate): readonly DemoBundle[] => [
  ...childJourney(today),
  ...workingAgeJourney(today),
  ...olderPersonJourney(today),
  ...indexWork(today),
]

/** Someone to sign in as in demo mode. */
export type Persona = StaffPersona | PersonPersona | CarerPersona

interface PersonaWords {
  readonly id: string
  readonly name: string
  /** What to try, in a sentence. */
  readonly description: string
}

export interface StaffPersona extends PersonaWords {
  readonly kind: 'staff'
  readonly role: StaffRole
  /** ODS code. */
  readonly organisation: string
  readonly organisationName: string
  /** `Practitioner/…`. */
  readonly practitioner: string
}

export interface PersonPersona extends PersonaWords {
  readonly kind: 'person'
  /** `Patient/…` of one of their sources: leads to the golden Person. */
  readonly patient: string
}

export interface CarerPersona extends PersonaWords {
  readonly kind: 'carer'
  /** `RelatedPerson/…`. */
  readonly relatedPerson: string
  readonly relationship: string
  /** `Patient/…` of the person they act for. */
  readonly patient: string
  readonly personName: string
}

/** The people of the sign-in page. */
export const demoPersonas = (today: Temporal.PlainDate): readonly Persona[] => {
  const patientOf = (person: string): string => `Patient/${idOf({ place: places.surgery, person, today }, 'patient')}`
  return [
    {
      kind: 'person',
      id: 'daniel',
      name: 'Daniel Hughes',
      description: 'Try: see what five organisations know about your diabetes, and add a blood pressure.',
      patient: patientOf('daniel'),
    },
    {
      kind: 'carer',
      id: 'niamh',
      name: "Niamh O'Reilly",
      description: 'Try: look after your mother’s record and add a note the care home and the GP will see.',
      relatedPerson: `RelatedPerson/${daughterId(today)}`,
      relationship: 'daughter',
      patient: patientOf('siobhan'),
      personName: "Siobhan O'Reilly",
    },
    staff(
      'dr-lee',
      'gp',
      places.surgery,
      'lee',
      'Try: find Daniel Hughes by 999 000 0018 and see his potassium over time.',
    ),
    staff(
      'grace',
      'hospital-nurse',
      places.hospital,
      'adeyemi',
      "Try: open Siobhan O'Reilly and add a blood pressure while another page shows her record.",
    ),
    staff(
      'abena',
      'care-home-worker',
      places.careHome,
      'mensah',
      "Try: read Siobhan O'Reilly's plan and add how she ate today.",
    ),
    office('priya', 'Priya Nair', 'analyst', 'Try: see what an analyst may and may not open.'),
    office('owen', 'Owen Price', 'index-officer', 'Try: decide whether two records are of one person, and undo it.'),
  ]
}

function staff(id: string, role: StaffRole, at: Place, key: string, description: string): StaffPersona {
  const { reference = '', display = '' } = staffReference(at, key)
  return {
    kind: 'staff',
    id,
    name: display,
    description,
    role,
    organisation: at.ods,
    organisationName: at.name,
    practitioner: reference,
  }
}

/** Staff of the integrated care board, who care for nobody. */
function office(id: string, name: string, role: StaffRole, description: string): StaffPersona {
  return {
    kind: 'staff',
    id,
    name,
    description,
    role,
    organisation: 'QZZ',
    organisationName: 'City Integrated Care Board',
    practitioner: `Practitioner/demo-board-${id}`,
  }
}
