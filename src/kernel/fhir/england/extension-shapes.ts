/** What an extension of UK Core holds: a value of one of some types, or named parts. */
export interface ExtensionShape {
  readonly types?: readonly string[]
  /** Part name → types of its value, or none for any. */
  readonly parts?: Readonly<Record<string, readonly string[] | undefined>>
  /** Code system → codes of the value, where the list is closed. */
  readonly codes?: Readonly<Record<string, readonly string[]>>
}

const codeSystem = 'https://fhir.hl7.org.uk/CodeSystem/UKCore-'
const concept = ['CodeableConcept'] as const
const reference = ['Reference'] as const
const each = (text: string): readonly string[] => text.split(' ')

/**
 * Extensions of UK Core that every English record may carry, by the end of their URL
 * (`https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-…`). Source: HL7 UK, UK Core STU3 sequence, June 2025.
 * The lists of codes are those of the NHS Data Model and Dictionary; England's codes count as closed.
 */
export const extensionShapes: Readonly<Record<string, ExtensionShape>> = {
  NHSNumberVerificationStatus: {
    types: concept,
    codes: {
      [`${codeSystem}NHSNumberVerificationStatusEngland`]: each('01 02 03 04 05 06 07 08'),
      // PDS sends England's codes under the older name.
      [`${codeSystem}NHSNumberVerificationStatus`]: each(
        '01 02 03 04 05 06 07 08 number-present-and-verified number-present-but-not-traced trace-required trace-attempted trace-needs-to-be-resolved trace-in-progress number-not-present-and-trace-not-required trace-postponed number-present-and-traced-using-welsh-nhs-ar',
      ),
    },
  },
  NHSNumberUnavailableReason: {
    types: concept,
    codes: {
      [`${codeSystem}NHSNumberUnavailableReason`]: each('nhs-number-not-known overseas-patient devolved-nation'),
    },
  },
  EthnicCategory: {
    types: concept,
    codes: { [`${codeSystem}EthnicCategoryEngland`]: each('A B C D E F G H J K L M N P R S Z 99') },
  },
  DeathNotificationStatus: {
    parts: { deathNotificationStatus: concept, systemEffectiveDate: ['dateTime'] },
    codes: { [`${codeSystem}DeathNotificationStatus`]: each('1 2 U') },
  },
  ContactPreference: {
    parts: {
      PreferredContactMethod: concept,
      PreferredWrittenCommunicationFormat: concept,
      // PDS sends the times as text, UK Core asks for a Timing.
      PreferredContactTimes: ['Timing', 'string'],
    },
    codes: {
      [`${codeSystem}PreferredContactMethod`]: each('1 2 3 4 5 6 7 8 9'),
      [`${codeSystem}PreferredWrittenCommunicationFormat`]: each('11 12 13'),
    },
  },
  ResidentialStatus: { types: concept, codes: { [`${codeSystem}ResidentialStatus`]: each('H O') } },
  // A code in the guides before 2023.
  BirthSex: { types: ['CodeableConcept', 'code'] },
  AddressKey: {
    parts: { type: ['Coding', 'CodeableConcept'], value: ['string'] },
    codes: { [`${codeSystem}AddressKeyType`]: each('PAF UPRN') },
  },
  OtherContactSystem: { types: ['CodeableConcept', 'Coding'] },
  ContactRank: { types: ['positiveInt'] },
  CopyCorrespondenceIndicator: { types: ['boolean'] },
  NHSCommunication: {
    parts: {
      language: concept,
      preferred: ['boolean'],
      modeOfCommunication: concept,
      communicationProficiency: concept,
      interpreterRequired: ['boolean'],
    },
  },
  NominatedPharmacy: { types: reference },
  PreferredDispenserOrganization: { types: reference },
  MedicalApplianceSupplier: { types: reference },
  MedicationStatementLastIssueDate: { types: ['dateTime'] },
  MedicationRepeatInformation: {
    parts: {
      numberOfPrescriptionsIssued: undefined,
      numberOfRepeatPrescriptionsIssued: undefined,
      numberOfRepeatPrescriptionsAllowed: undefined,
      authorisationExpiryDate: ['dateTime'],
    },
  },
  BookingOrganization: { types: reference },
  DeliveryChannel: { types: ['CodeableConcept', 'code'] },
  PriorityReason: { types: concept },
  AdmissionMethod: { types: concept },
  DischargeMethod: { types: concept },
  LegalStatus: { parts: { legalStatusContext: concept, legalStatusClassification: concept } },
  OutcomeOfAttendance: { types: concept },
  CodingSCTDescId: { parts: { descriptionId: ['id'], descriptionDisplay: ['string'] } },
}
