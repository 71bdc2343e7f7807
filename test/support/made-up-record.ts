import type { BundleEntry, FhirResource, Organization, Patient } from 'fhir/r4.js'

/** Text that would run or break out if a page forgot to escape it. */
export const hostile = `<img src=x onerror="alert(1)">"'&`

/** Organisations that know the made-up people, by ODS code. */
export const organisations: readonly Organization[] = [
  organisation('A81001', 'Park Surgery', 'general-practice'),
  organisation('RXX01', 'City Hospital', 'hospital'),
  organisation('VL001', 'Elm House', 'care-home'),
]

function organisation(code: string, name: string, setting: string): Organization {
  return {
    resourceType: 'Organization',
    id: code,
    identifier: [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: code }],
    type: [{ coding: [{ system: 'https://linchpin.example/fhir/CodeSystem/care-setting', code: setting }] }],
    name,
  }
}

const patient = (id: string, code: string, number: string, given: string): Patient => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: number }],
  name: [{ use: 'official', family: 'O’Reilly', given: [given], prefix: ['Mrs'] }],
  gender: 'female',
  birthDate: '1951-03-14',
  address: [{ line: ['1 High Street'], city: hostile, postalCode: 'AB1 2CD' }],
  telecom: [{ system: 'phone', value: '07700 900123', use: 'mobile' }],
  contact: [{ name: { family: 'Hill', given: [hostile] }, telecom: [{ system: 'phone', value: '07700 900124' }] }],
  generalPractitioner: [{ display: 'Dr Lee' }],
  managingOrganization: { reference: `Organization/${code}` },
})

/** Who the members of staff are that add entries. */
export const practitioner: FhirResource = {
  resourceType: 'Practitioner',
  id: 'sam',
  name: [{ family: 'Patel', given: ['Sam'] }],
}

/** The full person of each test: known to all three organisations, one entry of every kind that pages describe. */
export const fullPerson: readonly FhirResource[] = [
  ...['A81001', 'RXX01', 'VL001'].map((code) => patient(`full-${code}`, code, '9990000018', 'Siobhan')),
  ...entriesAbout({ reference: 'Patient/full-A81001' }),
  {
    resourceType: 'RelatedPerson',
    id: 'daughter',
    patient: { reference: 'Patient/full-A81001' },
    name: [{ family: 'Hill', given: ['Margaret'] }],
    relationship: [{ text: 'daughter' }],
  },
]

/** A person with a Patient and nothing else. */
export const emptyPerson: readonly FhirResource[] = ['A81001', 'RXX01', 'VL001'].map((code) => ({
  ...patient(`empty-${code}`, code, '9990000026', 'Ann'),
  name: [{ family: 'Empty', given: ['Ann'] }],
  birthDate: '1980-01-01',
}))

/** The person's own twin in all but given name, for the review queue: held only by the hospital, with no number. */
const { identifier: _number, ...unnumbered } = patient('lookalike', 'RXX01', '', 'Sioban')
export const lookalike: Patient = unnumbered

function entriesAbout(subject: { reference: string }): readonly FhirResource[] {
  const loinc = (code: string, text: string) => ({
    coding: [{ system: 'http://loinc.org', code, display: text }],
    text,
  })
  const laboratory = [{ coding: [{ code: 'laboratory' }] }]
  const potassium = (day: string, value: number, flag: string): FhirResource => ({
    resourceType: 'Observation',
    id: `potassium-${day}`,
    status: 'final',
    category: laboratory,
    code: loinc('2823-3', 'Potassium'),
    subject,
    effectiveDateTime: `${day}T09:30:00Z`,
    valueQuantity: { value, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
    referenceRange: [{ low: { value: 3.5, unit: 'mmol/L' }, high: { value: 5.3, unit: 'mmol/L' } }],
    interpretation: [{ coding: [{ code: flag }] }],
    performer: [{ display: 'City Hospital laboratory' }],
    note: [{ text: hostile }],
  })
  return [
    potassium('2026-03-03', 4.1, 'N'),
    potassium('2026-07-14', 4.8, 'N'),
    potassium('2026-11-20', 5.9, 'H'),
    {
      resourceType: 'Observation',
      id: 'pressure',
      status: 'final',
      category: [{ coding: [{ code: 'vital-signs' }] }],
      code: loinc('85354-9', 'Blood pressure'),
      subject,
      effectiveDateTime: '2026-11-19T08:00:00Z',
      component: [
        { code: loinc('8480-6', 'Systolic'), valueQuantity: { value: 148, unit: 'mmHg' } },
        { code: loinc('8462-4', 'Diastolic'), valueQuantity: { value: 92, unit: 'mmHg' } },
      ],
    },
    {
      resourceType: 'Condition',
      id: 'pressure-problem',
      subject,
      code: { coding: [{ system: 'http://snomed.info/sct', code: '38341003' }], text: 'Hypertension' },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      onsetDateTime: '2015',
      note: [{ text: hostile }],
    },
    {
      resourceType: 'MedicationRequest',
      id: 'amlodipine',
      status: 'active',
      intent: 'order',
      subject,
      medicationCodeableConcept: { text: `amlodipine ${hostile}` },
      authoredOn: '2026-10-01',
      dosageInstruction: [{ text: '5 mg once a day' }],
    },
    {
      resourceType: 'AllergyIntolerance',
      id: 'penicillin',
      patient: subject,
      code: { text: `Penicillin ${hostile}` },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
      },
      recordedDate: '2001-05-01',
    },
    { resourceType: 'Flag', id: 'flag', status: 'active', subject, code: { text: `Falls risk ${hostile}` } },
    {
      resourceType: 'Immunization',
      id: 'flu',
      status: 'completed',
      patient: subject,
      vaccineCode: { text: 'Influenza vaccine' },
      occurrenceDateTime: '2026-10-10',
      lotNumber: hostile,
    },
    {
      resourceType: 'DocumentReference',
      id: 'letter',
      status: 'current',
      subject,
      date: '2026-11-01T12:00:00Z',
      type: { text: 'Clinic letter' },
      description: `Clinic letter ${hostile}`,
      content: [
        { attachment: { contentType: 'text/plain', data: Buffer.from(`Dear Dr Lee, ${hostile}`).toString('base64') } },
        { attachment: { contentType: 'application/pdf', url: 'https://example.org/x.pdf', title: hostile } },
      ],
    },
    {
      resourceType: 'Encounter',
      id: 'stay',
      status: 'finished',
      class: { code: 'IMP' },
      subject,
      period: { start: '2026-11-01T09:00:00Z', end: '2026-11-03' },
      reasonCode: [{ text: hostile }],
    },
    {
      resourceType: 'Communication',
      id: 'note',
      status: 'completed',
      subject,
      sent: '2026-11-18T10:00:00Z',
      payload: [{ contentString: hostile }],
    },
    {
      resourceType: 'CarePlan',
      id: 'plan',
      status: 'active',
      intent: 'plan',
      subject,
      title: `Care plan ${hostile}`,
    },
  ]
}

/** Resources as one transaction that puts each under its own id. */
export function transactionOf(resources: readonly FhirResource[]): string {
  const entry: BundleEntry[] = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id ?? ''}` },
  }))
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
}
