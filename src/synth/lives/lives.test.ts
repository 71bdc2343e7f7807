import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Appointment, FhirResource } from 'fhir/r4.js'
import { isVerhoeff } from '../../kernel/fhir/england/verhoeff.ts'
import { normaliseNhsNumber } from '../../kernel/fhir/nhs-number.ts'
import { checkStructure } from '../../kernel/fhir/structure.ts'
import { systems } from '../../kernel/fhir/systems.ts'
import { codeTable } from '../codes.ts'
import { register } from '../ics/register.ts'
import { linkAll } from '../link-all.ts'
import { dayNumber, dayOf, minuteOf } from '../london.ts'
import { defectKinds, defectSystem } from '../people/defects.ts'
import { mostPeople } from '../people/most-people.ts'
import { blockOf } from '../people/population.ts'
import { settingsFor } from '../settings.ts'
import { isWorkingDay } from '../working-days.ts'
import { livesOf } from './lives.ts'

const settings = settingsFor(600, 24, 3, dayNumber(2026, 11, 25))
const written = Array.from({ length: 6 }, (_, block) => livesOf(settings, block)).flat()
const resources = written.map(({ resource }) => resource)
const nameOf = (resource: FhirResource): string => `${resource.resourceType}/${resource.id ?? ''}`
const known = new Map(written.map((each) => [nameOf(each.resource), each.known]))
const momentOf = (text: string | undefined): number => Math.round(Date.parse(text ?? '') / 60_000)

function ofType<T extends FhirResource['resourceType']>(type: T) {
  return resources.filter((each): each is Extract<FhirResource, { resourceType: T }> => each.resourceType === type)
}

test('a block made alone is the block made among others', () => {
  const again = livesOf(settings, 4)
  const names = new Set(again.map(({ resource }) => nameOf(resource)))
  const fourth = written.filter(({ resource }) => names.has(nameOf(resource)))
  assert.equal(JSON.stringify(again), JSON.stringify(fourth))
  const others = livesOf(settingsFor(600, 24, 4, settings.today), 4)
  assert.notEqual(JSON.stringify(again), JSON.stringify(others))
})

test('a person is the same among many as among few', () => {
  const few = JSON.stringify(livesOf({ ...settings, people: 100 }, 0))
  assert.equal(few, JSON.stringify(livesOf({ ...settings, people: 50_000 }, 0)))
})

test('every resource is well formed, and one id means one thing', () => {
  const shared = register(settings)
  const names = new Set<string>()
  for (const resource of [...shared, ...resources]) {
    assert.deepEqual(checkStructure(resource).issues, [], nameOf(resource))
    assert.ok(!names.has(nameOf(resource)), nameOf(resource))
    names.add(nameOf(resource))
  }
})

test('every reference leads to something that is there', () => {
  const names = new Set([...register(settings), ...resources].map(nameOf))
  for (const resource of resources)
    for (const [, reference = ''] of JSON.stringify(resource).matchAll(/"reference":"([^"]+)"/g))
      assert.ok(names.has(reference), `${nameOf(resource)} → ${reference}`)
})

test('NHS numbers are valid, of the test range, and nobody has another’s', () => {
  const owner = new Map<string, string>()
  for (const patient of ofType('Patient'))
    for (const { system, value = '' } of patient.identifier ?? [])
      if (system === systems.nhsNumber) {
        assert.match(normaliseNhsNumber(value) ?? '', /^999[2-9]/)
        const person = (patient.id ?? '').split('-').slice(0, 2).join('-')
        assert.equal(owner.get(value) ?? person, person)
        owner.set(value, person)
      }
  assert.ok(owner.size >= 600)
  const last = blockOf({ ...settings, people: mostPeople }, mostPeople / 100 - 1)
  assert.ok(
    [...last.people.map(({ nhsNumber }) => nhsNumber), ...last.spareNumbers].every((each) =>
      /^999\d{7}$/.test(each ?? ''),
    ),
  )
})

test('SNOMED CT codes carry a right check digit', () => {
  for (const [name, , concept] of codeTable) assert.ok(isVerhoeff(concept.coding?.[0]?.code ?? ''), name)
  const used = JSON.stringify(resources).matchAll(/"system":"http:\/\/snomed\.info\/sct","code":"([^"]+)"/g)
  const codes = new Set(Array.from(used, ([, code = '']) => code))
  assert.ok(codes.size > 60)
  for (const code of codes) assert.ok(isVerhoeff(code), code)
})

test('nothing has happened after the end of the window but what is planned', () => {
  for (const { resource, known: moment } of written) {
    assert.ok(moment <= settings.until, nameOf(resource))
    if (resource.resourceType === 'Encounter') assert.ok(momentOf(resource.period?.start) <= settings.until)
    if (resource.resourceType === 'Appointment' && momentOf(resource.start) > settings.until)
      assert.ok(resource.status === 'booked' || resource.status === 'cancelled', nameOf(resource))
  }
})

test('what is planned ahead is there, kept, missed and cancelled appointments too', () => {
  const states = new Set(ofType('Appointment').map(({ status }) => status))
  assert.deepEqual([...states].toSorted(), ['booked', 'cancelled', 'fulfilled', 'noshow'])
})

test('an attendance follows its appointment, a dispensing its prescription, a report its order', () => {
  const at = (reference: string | undefined): number => known.get(reference ?? '') ?? Number.NaN
  for (const each of ofType('Encounter'))
    for (const { reference } of each.appointment ?? [])
      assert.ok(at(`Encounter/${each.id ?? ''}`) >= at(reference) - 30, each.id ?? '')
  const authored = new Map(ofType('MedicationRequest').map((each) => [nameOf(each), momentOf(each.authoredOn)]))
  for (const each of ofType('MedicationDispense'))
    for (const { reference = '' } of each.authorizingPrescription ?? [])
      assert.ok(momentOf(each.whenHandedOver) > (authored.get(reference) ?? Infinity), each.id ?? '')
  const ordered = new Map(ofType('ServiceRequest').map((each) => [nameOf(each), momentOf(each.authoredOn)]))
  for (const each of [...ofType('DiagnosticReport'), ...ofType('Procedure')])
    for (const { reference = '' } of each.basedOn ?? []) {
      const when =
        'effectiveDateTime' in each
          ? each.effectiveDateTime
          : 'performedPeriod' in each
            ? each.performedPeriod?.start
            : ''
      assert.ok(momentOf(when) > (ordered.get(reference) ?? Infinity), each.id ?? '')
    }
  for (const each of ofType('Appointment')) assert.ok(momentOf(each.created) <= momentOf(each.start), each.id ?? '')
})

test('nobody is seen before birth or after death', () => {
  const patients = ofType('Patient')
  const birth = new Map(patients.map((each) => [`Patient/${each.id ?? ''}`, momentOf(each.birthDate)]))
  const death = new Map(
    patients.flatMap((each) =>
      each.deceasedDateTime === undefined ? [] : [[(each.id ?? '').split('-')[1], momentOf(each.deceasedDateTime)]],
    ),
  )
  assert.ok(death.size > 3)
  for (const each of ofType('Encounter')) {
    const start = momentOf(each.period?.start)
    assert.ok(start >= (birth.get(each.subject?.reference ?? '') ?? Infinity) - 1440, each.id ?? '')
    assert.ok(start <= (death.get((each.id ?? '').split('-')[1]) ?? Infinity), each.id ?? '')
  }
})

test('nobody is in two hospital beds at once', () => {
  const stays = Map.groupBy(
    ofType('Encounter').filter((each) => each.class.code === 'IMP' && each.period?.end !== undefined),
    (each) => (each.id ?? '').split('-').slice(0, 2).join('-'),
  )
  for (const own of stays.values()) {
    const sorted = own.toSorted((a, b) => momentOf(a.period?.start) - momentOf(b.period?.start))
    sorted
      .slice(1)
      .forEach((each, n) => assert.ok(momentOf(each.period?.start) >= momentOf(sorted[n]?.period?.end), each.id ?? ''))
  }
})

const clinicKinds = (each: Appointment): boolean => each.status === 'fulfilled'
test('surgeries and clinics see people in working hours of working days', () => {
  for (const each of ofType('Appointment').filter(clinicKinds)) {
    const start = momentOf(each.start)
    assert.ok(isWorkingDay(dayOf(start)), `${each.id ?? ''} ${each.start ?? ''}`)
    assert.ok(minuteOf(start) >= 8 * 60 && minuteOf(start) < 18 * 60 + 30, each.start ?? '')
  }
  const nights = ofType('Encounter').filter(
    (each) => each.class.code === 'EMER' && minuteOf(momentOf(each.period?.start)) < 6 * 60,
  )
  assert.ok(nights.length > 3, 'emergencies keep no hours')
})

test('what is prescribed for a condition goes to those who have it', () => {
  const problems = new Set(ofType('Condition').map(nameOf))
  const regular = ofType('MedicationRequest').filter((each) => each.reasonReference !== undefined)
  assert.ok(regular.length > 200)
  for (const each of regular) assert.ok(problems.has(each.reasonReference?.[0]?.reference ?? ''), each.id ?? '')
})

test('the person index sets apart just the records that were planted for it', () => {
  const marked = (code: string) =>
    resources.filter((each) => each.meta?.tag?.some((tag) => tag.system === defectSystem && tag.code === code)).length
  const linked = [...linkAll(ofType('Patient')).values()].map(({ kind }) => kind)
  assert.equal(linked.filter((kind) => kind === 'quarantine').length, marked('two-birth-dates'))
  assert.equal(linked.filter((kind) => kind === 'review').length, marked('moved-without-number'))
  const people = new Set(ofType('Patient').map(({ id = '' }) => id.split('-').slice(0, 2).join('-'))).size
  assert.equal(linked.filter((kind) => kind === 'new').length, people)
  assert.ok(defectKinds.filter((kind) => marked(kind) > 0).length >= 5)
})

test('a longer window holds what a shorter one does: the clock only adds', () => {
  const short = settingsFor(100, 12, 11, dayNumber(2026, 6, 1))
  const until = short.until + 30 * 1440
  const before = new Set(livesOf(short, 0).map(({ resource }) => nameOf(resource)))
  const longer = new Set(livesOf({ ...short, until }, 0).map(({ resource }) => nameOf(resource)))
  const added = livesOf({ ...short, until }, 0, short.until)
  const gone = [...before].filter((name) => !longer.has(name))
  // Who is in hospital, or dies, after the end of the shorter window does not book what comes then.
  assert.ok(gone.length < before.size / 100, gone.join(' '))
  assert.ok(added.length > 50)
  assert.ok(added.every(({ known, resource }) => known > short.until || resource.resourceType === 'Patient'))
})
