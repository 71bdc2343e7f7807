/** Who is asking. Everything that reads or writes a person's data has one. */
export type Actor = SystemActor | StaffActor | PersonActor | CarerActor

/** A program with its own credentials: a supplier's system, an import, Linchpin itself. */
export interface SystemActor {
  readonly kind: 'system'
  readonly id: string
  readonly name: string
  /** ODS code of the organisation it speaks for; absent for Linchpin itself. */
  readonly organisation?: string
}

export const staffRoles = ['gp', 'hospital-nurse', 'care-home-worker', 'analyst', 'index-officer'] as const
export type StaffRole = (typeof staffRoles)[number]

export interface StaffActor {
  readonly kind: 'staff'
  readonly id: string
  readonly name: string
  readonly role: StaffRole
  /** ODS code of the organisation the member of staff acts for in this session. */
  readonly organisation: string
  readonly organisationName: string
  /** Relative reference of their Practitioner resource. */
  readonly practitioner: string
}

/** A member of the public looking at their own record. */
export interface PersonActor {
  readonly kind: 'person'
  readonly id: string
  readonly name: string
  /** Id of their golden Person resource. */
  readonly person: string
}

/** Someone acting for another person (parent, relative, unpaid carer). */
export interface CarerActor {
  readonly kind: 'carer'
  readonly id: string
  readonly name: string
  /** Relative reference of the RelatedPerson resource that says they may. */
  readonly relatedPerson: string
  /** How they are related, in words: "daughter". */
  readonly relationship: string
  /** Id of the golden Person they act for. */
  readonly person: string
  /** Name of the person they act for. */
  readonly personName: string
}

/** Why a record is opened (v3-PurposeOfUse): treatment, the person's own request, operations, public health. */
export type Purpose = 'TREAT' | 'PATRQT' | 'HOPERAT' | 'SYSADMIN'
