import { type CodeName, coded, inWords } from '../codes.ts'
import type { Dice } from '../dice.ts'
import { figures } from '../figures.ts'
import { colleague } from '../ics/staff.ts'
import { at, dayOf, type Moment } from '../london.ts'
import { encounter, namedMoment, rttExtension, stay } from '../make/encounters.ts'
import { letter } from '../make/plans.ts'
import { implant, pathwayOf, procedure, request } from '../make/treatment.ts'
import { workingDayFrom } from '../working-days.ts'
import type { Pathway } from './elective-pathway.ts'
import type { Desk } from './life.ts'

/** Implants by operation. Item numbers are invented; their check digits are right (GS1). */
const implants: Partial<
  Record<CodeName, { readonly kind: string; readonly maker: string; readonly model: string; readonly gtin: string }>
> = {
  hipReplacement: {
    kind: 'Total hip prosthesis',
    maker: 'Northgate Orthopaedics',
    model: 'Valley stem',
    gtin: '05000000000012',
  },
  kneeReplacement: {
    kind: 'Total knee prosthesis',
    maker: 'Northgate Orthopaedics',
    model: 'Calder knee',
    gtin: '05000000000029',
  },
  cataractSurgery: {
    kind: 'Intraocular lens',
    maker: 'Clearlake Optics',
    model: 'Clearlake 21',
    gtin: '05000000000036',
  },
  pacemaker: { kind: 'Dual chamber pacemaker', maker: 'Steady Beat Devices', model: 'SB-2', gtin: '05000000000043' },
}

/** Nights in hospital. */
const nights: Partial<Record<CodeName, number>> = {
  hipReplacement: 3,
  kneeReplacement: 3,
  gallbladder: 0,
  herniaRepair: 0,
  cataractSurgery: 0,
  tonsils: 0,
  pacemaker: 1,
}

/** Listed for surgery, admitted, operated on; some are cancelled on the day and come again. */
export function operate(
  pathway: Pathway,
  decided: Moment,
  discharge: (pathway: Pathway, when: Moment, status: '30') => void,
): void {
  const { life, dice, specialty, practice, hospital, name, received, referral } = pathway
  const operation = dice.pick(specialty.operations)
  const priority = dice.weighted([
    ['P2', 15],
    ['P3', 35],
    ['P4', 50],
  ] as const)
  const listed = (status: 'active' | 'completed' | 'revoked') =>
    request(hospital, `${name}-list`, {
      what: coded(operation),
      when: decided,
      status,
      priority: priority === 'P2' ? 'urgent' : 'routine',
      to: hospital.organisation,
      specialty: [specialty.code, specialty.name],
      category: `Decision to admit, ${priority}`,
      extension: [namedMoment('decision-to-admit', decided), pathwayOf(practice.id(name))],
    })
  hospital.put(decided, listed('active'), () => listed('revoked'))
  practice.put(decided, referral('active', [namedMoment('decision-to-admit', decided)]), (death) =>
    referral('revoked', [namedMoment('clock-stop', death), rttExtension('36')]),
  )
  const scale = priority === 'P2' ? 0.35 : priority === 'P3' ? 0.8 : 1.15
  const days = Math.max(3, figures.admissionDays * scale * Math.exp(dice.normal(0, 0.6)))
  let day = workingDayFrom(dayOf(decided) + Math.round(days))
  if (dice.chance(0.04)) day = workingDayFrom(day + dice.between(7, 28))
  const admitted = at(day, 7 * 60 + 30)
  if (admitted < received || !life.free(Math.max(admitted, life.start))) return
  const home = surgery(pathway, operation, day, dice)
  hospital.put(home, listed('completed'))
  discharge(pathway, admitted, '30')
}

function surgery(pathway: Pathway, operation: CodeName, day: number, dice: Dice): Moment {
  const { life, hospital, name } = pathway
  const stayed =
    (nights[operation] ?? 1) === 0
      ? 0
      : Math.max(1, Math.round((nights[operation] ?? 1) * Math.exp(dice.normal(0, 0.3))))
  const admitted = at(day, 7 * 60 + 30)
  const home = stayed === 0 ? at(day, 16 * 60 + dice.below(120)) : at(day + stayed, 11 * 60 + dice.below(300))
  life.stays.push([admitted, home])
  const by = colleague(hospital.organisation, 'Consultant', dice.below(12))
  const contact = {
    class: 'IMP' as const,
    from: admitted,
    by,
    type: inWords(stayed === 0 ? 'Day case' : 'Elective inpatient'),
    extension: [rttExtension('30'), pathwayOf(pathway.practice.id(name))],
  }
  hospital.put(admitted, encounter(hospital, `${name}-stay`, { ...contact, hospitalization: stay('11') }), (death) =>
    encounter(hospital, `${name}-stay`, { ...contact, to: death, hospitalization: stay('11', 'died') }),
  )
  const cut = at(day, 9 * 60 + dice.below(300))
  const device = implanted(hospital, name, operation, cut, dice)
  hospital.put(
    cut + 75,
    procedure(hospital, `${name}-operation`, {
      code: coded(operation),
      from: cut,
      to: cut + 20 + dice.below(80),
      by,
      encounter: { reference: `Encounter/${hospital.id(`${name}-stay`)}` },
      ...(device === undefined ? {} : { device, side: dice.pick(['Left', 'Right'] as const) }),
    }),
  )
  hospital.put(home, encounter(hospital, `${name}-stay`, { ...contact, to: home, hospitalization: stay('11', 'home') }))
  hospital.put(
    home + 60,
    letter(
      hospital,
      `${name}-discharge`,
      coded('dischargeSummary'),
      'Discharge summary',
      home + 60,
      `Admitted for ${coded(operation).text ?? ''}. No complications. Wound check at the practice in ten days.`,
    ),
  )
  return home
}

function implanted(
  hospital: Desk,
  name: string,
  operation: CodeName,
  cut: Moment,
  dice: Dice,
): { reference: string } | undefined {
  const what = implants[operation]
  if (what === undefined) return undefined
  const device = implant(hospital, `${name}-implant`, {
    ...what,
    lot: `LOT-${dice.between(1, 40)}`,
    serial: `SN${dice.between(100000, 999999)}`,
    expires: dayOf(cut) + dice.between(200, 1500),
    scanned: dice.chance(0.9),
  })
  hospital.put(cut + 75, device)
  return { reference: `Device/${device.id ?? ''}` }
}
