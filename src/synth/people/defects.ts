/** Faults that real feeds have, planted on purpose. Each is marked, so that an import can be held against them. */
export const defectKinds = [
  'no-number',
  'registered-twice',
  'two-birth-dates',
  'moved-without-number',
  'late',
  'free-text',
] as const
export type DefectKind = (typeof defectKinds)[number]

export const defectSystem = 'https://linchpin.example/fhir/CodeSystem/synthetic-defect'

/** What each is, and what the person index makes of it. */
export const defectMeanings: Readonly<Record<DefectKind, string>> = {
  'no-number': 'a record without NHS number; name, birth date and postcode link it',
  'registered-twice': 'a hospital registered a person a second time, under the right number; both are linked',
  'two-birth-dates': 'the right NHS number with a wrong birth date; quarantined',
  'moved-without-number': 'no NHS number and a former address; set apart for review',
  late: 'a result that came days after it was made',
  'free-text': 'an entry in words only, with no code',
}

/** How often each is planted: of records at other organisations than the practice, of people, or of entries. Settings. */
export const defectRates = {
  'no-number': 0.02,
  'no-number-social': 0.1,
  'registered-twice': 0.005,
  'two-birth-dates': 0.002,
  'moved-without-number': 0.004,
  late: 0.02,
  'free-text': 0.06,
} as const

/** The mark of a planted fault. */
export const defectTag = (kind: DefectKind) => ({
  meta: { tag: [{ system: defectSystem, code: kind }] },
})
