import type { AllergyIntolerance, CodeableConcept, Condition, FhirResource, Flag } from 'fhir/r4.js'
import { dateText } from '../../ui/format/dates.ts'
import type { Described, StatusWord } from './described.ts'
import { capitalised, codeIn, conceptText, conceptTexts, noteLines, statusWords } from './words.ts'

const firstCode = (concept: CodeableConcept | undefined): string => concept?.coding?.[0]?.code ?? ''

const currentStates = new Set(['active', 'recurrence', 'relapse', ''])

function clinicalWords(clinical: string, verification: string): readonly StatusWord[] {
  const words: StatusWord[] = []
  if (clinical !== '')
    words.push({ text: statusWords(clinical), tone: currentStates.has(clinical) ? 'active' : 'ended' })
  if (['unconfirmed', 'provisional', 'differential'].includes(verification))
    words.push({ text: statusWords(verification), tone: 'unusual' })
  if (verification === 'refuted') words.push({ text: 'Ruled out', tone: 'ended' })
  if (verification === 'entered-in-error') words.push({ text: 'Recorded by mistake', tone: 'ended' })
  return words
}

const isStanding = (clinical: string, verification: string): boolean =>
  currentStates.has(clinical) && verification !== 'refuted' && verification !== 'entered-in-error'

export function describeCondition(condition: Condition): Described {
  const clinical = firstCode(condition.clinicalStatus)
  const verification = firstCode(condition.verificationStatus)
  const since = condition.onsetDateTime ?? condition.onsetPeriod?.start
  const until = condition.abatementDateTime ?? condition.abatementPeriod?.end
  const severity = conceptText(condition.severity)
  const site = conceptTexts(condition.bodySite).join(', ')
  return {
    kind: 'problem',
    kindWord: 'Problem',
    title: capitalised(conceptText(condition.code)) || 'Problem not named',
    statuses: clinicalWords(clinical, verification),
    lines: [
      ...(since === undefined
        ? []
        : [`Since ${dateText(since)}${until === undefined ? '' : `, until ${dateText(until)}`}`]),
      ...(severity === '' ? [] : [`Severity: ${severity}`]),
      ...(site === '' ? [] : [`Site: ${site}`]),
      ...noteLines(condition.note),
    ],
    current: isStanding(clinical, verification),
  }
}

/** SNOMED CT concepts that say there are no known allergies, in general or to medicines. */
const noAllergyCodes = new Set(['716186003', '409137002', '429625007', '428607008', '1003774007'])

/** True for an entry that says "no known allergies": it is not an allergy. */
export const saysNoneKnown = ({ code }: AllergyIntolerance): boolean =>
  noAllergyCodes.has(codeIn(code, 'http://snomed.info/sct') ?? '')

/** The same, asked of any entry. */
export const isNoneKnown = ({ resource }: { readonly resource: FhirResource }): boolean =>
  resource.resourceType === 'AllergyIntolerance' && saysNoneKnown(resource)

export function describeAllergy(allergy: AllergyIntolerance): Described {
  const clinical = firstCode(allergy.clinicalStatus)
  const verification = firstCode(allergy.verificationStatus)
  const manifestations = (allergy.reaction ?? []).flatMap(({ manifestation }) => conceptTexts(manifestation))
  const severe =
    (allergy.reaction ?? []).some(({ severity }) => severity === 'severe') || allergy.criticality === 'high'
  return {
    kind: 'allergy',
    kindWord: allergy.type === 'intolerance' ? 'Intolerance' : 'Allergy',
    title: capitalised(conceptText(allergy.code)) || 'Allergy not named',
    statuses: [
      ...(severe ? [{ text: 'High risk', tone: 'danger' } as const] : []),
      ...clinicalWords(clinical, verification),
    ],
    lines: [
      ...(manifestations.length === 0 ? [] : [`Reaction: ${manifestations.join(', ')}`]),
      ...noteLines(allergy.note),
    ],
    current: isStanding(clinical, verification),
  }
}

export function describeFlag(flag: Flag): Described {
  const active = flag.status === 'active'
  const category = conceptTexts(flag.category).join(', ')
  return {
    kind: 'alert',
    kindWord: category === '' ? 'Alert' : capitalised(category),
    title: capitalised(conceptText(flag.code)) || 'Alert not named',
    statuses: active ? [] : [{ text: statusWords(flag.status), tone: 'ended' }],
    lines: flag.period?.end === undefined ? [] : [`Until ${dateText(flag.period.end)}`],
    current: active,
  }
}
