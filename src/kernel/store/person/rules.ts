import type { Address, HumanName, Identifier, Patient } from 'fhir/r4.js'
import { normaliseNhsNumber } from '../../fhir/nhs-number.ts'
import { systems } from '../../fhir/systems.ts'
import { dateMatch, isWeakDate, isWeakPostcode } from './likeness.ts'
import type { Candidate, Demographics, LinkDecision, MatchKey } from './linkage.ts'
import { beginAlike, mayBeOneGivenName, plainName, soundAlike } from './names.ts'
import { soundex } from './soundex.ts'

// Linkage rules of the person index. National matching weights are not public; these are our own, stricter than PDS
// search: a wrong link shows one person's record to another, a missed one costs a review.

/** The identity a source's Patient claims. */
export function demographics(patient: Patient): Demographics {
  const numbers = nhsNumbers(patient.identifier ?? [])
  const names = namesOf(patient.name ?? [])
  const address = currentAddress(patient.address ?? [])
  const order = patient.multipleBirthInteger
  const optional = {
    nhsNumber: numbers.current,
    verification: numbers.verification,
    family: names.family,
    birthDate: patient.birthDate,
    gender: patient.gender,
    postcode: postcodeOf(address),
    addressLine: address?.line?.[0],
    birthOrder: order,
  }
  const known = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return {
    ...known,
    supersededNumbers: numbers.superseded,
    given: names.given,
    previousFamilies: names.previousFamilies,
    multipleBirth: order !== undefined || patient.multipleBirthBoolean === true,
  }
}

/** The keys under which a record is found again when another of the same person may come in. */
export function matchKeys(found: Demographics): readonly MatchKey[] {
  const { birthDate, postcode, given, family } = found
  const keys: MatchKey[] = []
  const add = (kind: MatchKey['kind'], ...parts: readonly (string | undefined)[]): void => {
    if (parts.every((part) => part !== undefined && part !== '')) keys.push({ kind, text: parts.join('|') })
  }
  for (const number of [found.nhsNumber, ...found.supersededNumbers]) add('nhs-number', number)
  const home = isWeakPostcode(postcode) ? undefined : postcode
  const first = given[0] === undefined ? undefined : plainName(given[0])
  add('demographics', family && plainName(family), first, birthDate, home)
  for (const sound of new Set(familiesOf(found).map(soundOf))) {
    // Far too many share 1 January and a common name; with a given name it is worth a look.
    if (isWeakDate(birthDate)) add('block', birthDate, sound, first?.slice(0, 3))
    else add('block', birthDate, sound)
    add('block', sound, first?.slice(0, 3), home)
  }
  if (!isWeakDate(birthDate)) add('block', birthDate, home)
  return [...new Map(keys.map((key) => [`${key.kind}|${key.text}`, key])).values()]
}

/** How a record stands to each person it may be of, for callers who ask and do not link. */
export const comparedWith = (incoming: Demographics, candidates: readonly Candidate[]): readonly Compared[] =>
  candidates.map((candidate) => ({ person: candidate.person, ...compare(incoming, candidate) }))

/** What to do with an incoming record, given everyone it may be of. */
export function linkDecision(incoming: Demographics, candidates: readonly Candidate[]): LinkDecision {
  const compared = comparedWith(incoming, candidates)
  const sure = compared.filter(({ verdict }) => verdict === 'same-number')
  const [only] = sure
  if (only !== undefined && sure.length === 1) return { kind: 'link', person: only.person, because: only.because }
  const conflict = compared.find(({ verdict }) => verdict === 'conflict')
  if (conflict !== undefined) return { kind: 'quarantine', with: conflict.person, because: conflict.because }
  const exact = compared.filter(({ verdict }) => verdict === 'same-details')
  const [single] = exact
  const doubtful = compared.filter(({ verdict }) => verdict === 'doubtful')
  const numberInDoubt = doubtful.some(({ number }) => number === 'same')
  if (sure.length === 0 && !numberInDoubt && single !== undefined && exact.length === 1)
    return { kind: 'link', person: single.person, because: single.because }
  const review = [...sure, ...exact, ...doubtful]
  const [first] = review
  if (first === undefined) return { kind: 'new', because: 'No record of the same person was found' }
  const several = sure.length > 1 || exact.length > 1
  const because = several ? 'It fits more than one person' : (doubtful[0]?.because ?? first.because)
  return { kind: 'review', candidates: review.map(({ person }) => person), because }
}

interface Compared extends Comparison {
  readonly person: string
}

type Verdict = 'same-number' | 'same-details' | 'conflict' | 'doubtful' | 'other'

interface Comparison {
  readonly verdict: Verdict
  readonly number: NumberMatch
  readonly because: string
}

const verdictOrder: readonly Verdict[] = ['same-number', 'conflict', 'same-details', 'doubtful', 'other']

/** Compares a record with a person: the record of theirs that says most decides. */
function compare(incoming: Demographics, candidate: Candidate): Comparison {
  const number = numberMatch(incoming, candidate.records)
  const found = candidate.records.map((record): Comparison => ({ number, ...judge(incoming, record, number) }))
  const best = found.sort((a, b) => verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict))[0]
  return best ?? { verdict: 'other', number, because: '' }
}

type NumberMatch = 'same' | 'different' | 'unknown'

/** Whether a record bears the number of a person, now or before. */
function numberMatch(incoming: Demographics, records: readonly Demographics[]): NumberMatch {
  const current = records.flatMap((record) => record.nhsNumber ?? [])
  const all = new Set([...current, ...records.flatMap((record) => record.supersededNumbers)])
  if (numbersOf(incoming).some((number) => all.has(number))) return 'same'
  return incoming.nhsNumber === undefined || current.length === 0 ? 'unknown' : 'different'
}

/** Rule 5 on two records. */
function judge(a: Demographics, b: Demographics, number: NumberMatch): Omit<Comparison, 'number'> {
  if (number === 'same') return judgeByNumber(a, b)
  const family = familiesAlike(a, b)
  const given = givenAlike(a, b)
  const date = dateMatch(a.birthDate, b.birthDate)
  const home = a.postcode !== undefined && a.postcode === b.postcode && !isWeakPostcode(a.postcode)
  const exact = date === 'same' && home && sameNames(a, b)
  if (number === 'different')
    return exact
      ? { verdict: 'doubtful', because: 'Same name, birth date and postcode, but two NHS numbers' }
      : { verdict: 'other', because: '' }
  if (bornApart(a, b)) return { verdict: 'other', because: '' }
  if (exact && !isWeakDate(a.birthDate) && !gendersDiffer(a, b))
    return { verdict: 'same-details', because: 'No NHS number to compare; name, birth date and postcode are equal' }
  if (date === 'same' && family && given)
    return { verdict: 'doubtful', because: 'Same name and birth date, no NHS number to compare' }
  if (date === 'same' && home && family)
    return {
      verdict: 'doubtful',
      because: 'Same family name, birth date and postcode: could be twins, or one person by two given names',
    }
  if (date === 'same' && home && given)
    return { verdict: 'doubtful', because: 'Same given name, birth date and postcode, another family name' }
  if (date !== 'different' && home && family && given)
    return { verdict: 'doubtful', because: 'Same name and postcode; the birth dates may be one date' }
  return { verdict: 'other', because: '' }
}

function judgeByNumber(a: Demographics, b: Demographics): Omit<Comparison, 'number'> {
  const date = dateMatch(a.birthDate, b.birthDate)
  const full = a.birthDate?.length === 10 && b.birthDate?.length === 10
  if (full && date !== 'same' && !(isWeakDate(a.birthDate) || isWeakDate(b.birthDate)))
    return { verdict: 'conflict', because: 'Same NHS number, different birth date' }
  if (date === 'different') return { verdict: 'conflict', because: 'Same NHS number, different birth date' }
  if (date !== 'same') return { verdict: 'doubtful', because: 'Same NHS number, but the birth date is not fully known' }
  if (!familiesAlike(a, b) && !givenBeginAlike(a, b))
    return { verdict: 'doubtful', because: 'Same NHS number and birth date, different names' }
  // 04: the trace found nobody or several; 05: it conflicts. The number is then no proof.
  if ([a.verification, b.verification].some((status) => status === '04' || status === '05'))
    return { verdict: 'doubtful', because: 'Same NHS number, but its trace is unresolved' }
  if (bornApart(a, b)) return { verdict: 'doubtful', because: 'Same NHS number, but another place in birth order' }
  return { verdict: 'same-number', because: 'Same NHS number and birth date, and the names agree' }
}

const numbersOf = (found: Demographics): readonly string[] =>
  found.nhsNumber === undefined ? found.supersededNumbers : [found.nhsNumber, ...found.supersededNumbers]

/** All family names a person is known by; who has one name only is known by that. */
const familiesOf = (found: Demographics): readonly string[] => {
  const families = found.family === undefined ? [] : [found.family]
  const all = [...families, ...found.previousFamilies]
  return all.length > 0 ? all : found.given.slice(0, 1)
}

const givenOf = (found: Demographics): string | undefined => found.given[0] ?? found.family

const soundOf = (name: string): string => soundex(name) || plainName(name)

const familiesAlike = (a: Demographics, b: Demographics): boolean =>
  familiesOf(a).some((one) => familiesOf(b).some((other) => soundAlike(one, other)))

const givenBeginAlike = (a: Demographics, b: Demographics): boolean => beginAlike(givenOf(a) ?? '', givenOf(b) ?? '')

const givenAlike = (a: Demographics, b: Demographics): boolean => mayBeOneGivenName(givenOf(a) ?? '', givenOf(b) ?? '')

/** Equal family and first given names, and no second given names that differ. One-part names are never enough. */
function sameNames(a: Demographics, b: Demographics): boolean {
  if (a.family === undefined || b.family === undefined) return false
  const [firstA, secondA] = a.given.map(plainName)
  const [firstB, secondB] = b.given.map(plainName)
  const seconds = secondA === undefined || secondB === undefined || secondA[0] === secondB[0]
  return (
    plainName(a.family) === plainName(b.family) && firstA !== undefined && firstA !== '' && firstA === firstB && seconds
  )
}

/** Two children of one birth, by their own records. */
const bornApart = (a: Demographics, b: Demographics): boolean =>
  a.birthOrder !== undefined && b.birthOrder !== undefined && a.birthOrder !== b.birthOrder

const gendersDiffer = (a: Demographics, b: Demographics): boolean =>
  (a.gender === 'female' && b.gender === 'male') || (a.gender === 'male' && b.gender === 'female')

interface Numbers {
  readonly current: string | undefined
  readonly verification: string | undefined
  readonly superseded: readonly string[]
}

function nhsNumbers(identifiers: readonly Identifier[]): Numbers {
  const numbers = identifiers
    .filter((each) => each.system === systems.nhsNumber)
    .map((each) => ({ each, value: normaliseNhsNumber(each.value ?? '') }))
  const valid = numbers.filter((number) => number.value !== undefined)
  const now = valid.find(({ each }) => each.use !== 'old' && each.period?.end === undefined)
  const others = valid.flatMap(({ value }) => (value === undefined || value === now?.value ? [] : [value]))
  const status = (now ?? numbers[0])?.each
  return { current: now?.value, verification: status && verificationOf(status), superseded: [...new Set(others)] }
}

/** Words of earlier UK Core versions for today's codes 01 to 08. */
const formerStatuses: readonly string[] = [
  'number-present-and-verified',
  'number-present-but-not-traced',
  'trace-required',
  'trace-attempted-no-match-or-multiple-match',
  'trace-needs-to-be-resolved',
  'trace-in-progress',
  'number-not-present-trace-not-required',
  'trace-postponed',
]

function verificationOf(identifier: Identifier): string | undefined {
  const extension = identifier.extension?.find((each) => each.url.endsWith('NHSNumberVerificationStatus'))
  const code = extension?.valueCodeableConcept?.coding?.[0]?.code
  if (code === undefined) return undefined
  const former = formerStatuses.indexOf(code)
  return former === -1 ? code : `0${former + 1}`
}

interface Names {
  readonly family: string | undefined
  readonly given: readonly string[]
  readonly previousFamilies: readonly string[]
}

const nameUses: readonly string[] = ['official', 'usual', 'temp', 'nickname', 'anonymous', 'old', 'maiden']

function namesOf(names: readonly HumanName[]): Names {
  const rank = (name: HumanName): number =>
    (name.period?.end === undefined ? 0 : 10) + nameUses.indexOf(name.use ?? 'usual')
  const sorted = names.map(partsOf).sort((a, b) => rank(a.name) - rank(b.name))
  const [best, ...rest] = sorted
  const others = rest.flatMap(({ family }) => (family === undefined || family === best?.family ? [] : [family]))
  return { family: best?.family, given: best?.given ?? [], previousFamilies: [...new Set(others)] }
}

/** The parts of a name; of one that was sent as text only, `HILL, Ann` or `Ann Hill`. */
function partsOf(name: HumanName): { name: HumanName; family: string | undefined; given: readonly string[] } {
  if (name.family !== undefined || name.given !== undefined) {
    const given = (name.given ?? []).flatMap((each) => (typeof each === 'string' ? each.trim().split(/\s+/) : []))
    return { name, family: name.family, given }
  }
  const text = (name.text ?? '').replace(/\([^)]*\)|\b(?:mr|mrs|miss|ms|mx|dr|prof|rev|sir|dame)\b\.?/gi, '').trim()
  const [before = '', after] = text.split(',')
  const words = (after ?? before).trim().split(/\s+/).filter(Boolean)
  const family = after === undefined ? words.pop() : before.trim()
  return { name, family, given: words }
}

const currentAddress = (addresses: readonly Address[]): Address | undefined => {
  const current = addresses.filter((each) => each.use !== 'old' && each.period?.end === undefined)
  return current.find((each) => each.use === 'home') ?? current[0]
}

const postcodeShape = /\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})\b/

/** Upper case with one space, from its own element or from the address as text. */
function postcodeOf(address: Address | undefined): string | undefined {
  const text = (address?.postalCode ?? address?.text ?? '').toUpperCase().replace(/\s+/g, ' ')
  const compact = address?.postalCode === undefined ? text : text.replace(/ /g, '')
  const parts = postcodeShape.exec(compact)
  return parts === null ? undefined : `${parts[1]} ${parts[2]}`
}
