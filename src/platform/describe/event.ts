import type { Appointment, Encounter, Procedure, ServiceRequest } from 'fhir/r4.js'
import { dateText } from '../../ui/format/dates.ts'
import type { Described, StatusWord } from './described.ts'
import { capitalised, conceptText, conceptTexts, noteLines, statusWords } from './words.ts'

/** HL7 v3 ActEncounterCode, in words. */
const encounterClasses: Readonly<Record<string, string>> = {
  AMB: 'Visit to a clinic or surgery',
  EMER: 'Emergency department visit',
  FLD: 'Visit in the community',
  HH: 'Home visit',
  IMP: 'Hospital stay',
  ACUTE: 'Hospital stay',
  NONAC: 'Hospital stay',
  OBSENC: 'Hospital observation',
  PRENC: 'Pre-admission',
  SS: 'Short hospital stay',
  VR: 'Phone or video contact',
}

const present = (texts: readonly string[]): readonly string[] => texts.filter((text) => text !== '')

export function describeEncounter(encounter: Encounter): Described {
  const kindOfVisit = conceptTexts(encounter.type)[0] ?? ''
  const byClass = encounter.class.display ?? encounterClasses[encounter.class.code ?? ''] ?? 'Contact'
  const end = encounter.period?.end
  const reasons = conceptTexts(encounter.reasonCode).join(', ')
  return {
    kind: 'contact',
    kindWord: 'Contact',
    title: capitalised(kindOfVisit === '' ? (encounterClasses[encounter.class.code ?? ''] ?? byClass) : kindOfVisit),
    statuses: encounterState(encounter.status),
    lines: present([
      reasons === '' ? '' : `Reason: ${reasons}`,
      end === undefined ? '' : `Until ${dateText(end)}`,
      ...present((encounter.location ?? []).map(({ location }) => location.display ?? '')),
    ]),
    current: encounter.status === 'in-progress' || encounter.status === 'arrived',
  }
}

function encounterState(status: string): readonly StatusWord[] {
  if (status === 'finished') return []
  if (status === 'in-progress' || status === 'arrived' || status === 'triaged') return [{ text: 'Now', tone: 'active' }]
  if (status === 'entered-in-error') return [{ text: 'Recorded by mistake', tone: 'ended' }]
  return [{ text: statusWords(status), tone: status === 'planned' ? 'active' : 'ended' }]
}

/** Finished work needs no tag: its status is plain. */
function workState(status: string, done: ReadonlySet<string>): readonly StatusWord[] {
  if (done.has(status)) return []
  const going = ['active', 'in-progress', 'preparation', 'on-hold', 'booked', 'pending', 'proposed', 'arrived']
  if (status === 'entered-in-error') return [{ text: 'Recorded by mistake', tone: 'ended' }]
  return [{ text: statusWords(status), tone: going.includes(status) ? 'active' : 'ended' }]
}

export function describeProcedure(procedure: Procedure): Described {
  const reasons = conceptTexts(procedure.reasonCode).join(', ')
  const outcome = conceptText(procedure.outcome)
  return {
    kind: 'procedure',
    kindWord: 'Procedure',
    title: capitalised(conceptText(procedure.code)) || 'Procedure not named',
    statuses: workState(procedure.status, new Set(['completed'])),
    lines: present([
      reasons === '' ? '' : `Reason: ${reasons}`,
      outcome === '' ? '' : `Outcome: ${outcome}`,
      ...noteLines(procedure.note),
    ]),
    current: procedure.status === 'in-progress',
  }
}

export function describeAppointment(appointment: Appointment): Described {
  const what = conceptTexts(appointment.serviceType)[0] ?? appointment.description ?? 'Appointment'
  return {
    kind: 'contact',
    kindWord: 'Appointment',
    title: capitalised(what),
    statuses:
      appointment.status === 'noshow'
        ? [{ text: 'Did not attend', tone: 'unusual' }]
        : workState(appointment.status, new Set(['fulfilled'])),
    lines: present([
      ...conceptTexts(appointment.reasonCode),
      appointment.patientInstruction ?? '',
      appointment.comment ?? '',
    ]),
    current: appointment.status === 'booked' || appointment.status === 'pending',
  }
}

export function describeServiceRequest(request: ServiceRequest): Described {
  const reasons = conceptTexts(request.reasonCode).join(', ')
  const urgent = request.priority !== undefined && request.priority !== 'routine'
  return {
    kind: 'task',
    kindWord: 'Request',
    title: capitalised(conceptText(request.code)) || 'Request not named',
    statuses: [
      ...(urgent ? [{ text: statusWords(request.priority ?? ''), tone: 'unusual' } as const] : []),
      ...workState(request.status, new Set(['completed'])),
    ],
    lines: present([reasons === '' ? '' : `Reason: ${reasons}`, ...noteLines(request.note)]),
    current: request.status === 'active',
  }
}
