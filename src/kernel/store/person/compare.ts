import { formatNhsNumber } from '../../fhir/nhs-number.ts'
import { dateMatch, isWeakDate, isWeakPostcode } from './likeness.ts'
import type { Demographics, FieldDifference } from './linkage.ts'
import { beginAlike, mayBeOneGivenName, plainName, soundAlike } from './names.ts'

/** Two records side by side for a human: one row for each field that either has, with how they match in words. */
export function compareDemographics(a: Demographics, b: Demographics): readonly FieldDifference[] {
  return fields.flatMap(({ field, show, like }) => {
    const [left, right] = [show(a), show(b)]
    if (left === '' && right === '') return []
    return [{ field, a: left, b: right, match: matchWords(left, right, like(a, b)) }]
  })
}

/** Whether two records may be of twins: born the same day, one family name, one address, other given names. */
export function couldBeTwins(a: Demographics, b: Demographics): boolean {
  if (a.birthDate === undefined || a.birthDate !== b.birthDate || isWeakDate(a.birthDate)) return false
  if (!soundAlike(a.family ?? '', b.family ?? '')) return false
  const home = a.postcode !== undefined && a.postcode === b.postcode && !isWeakPostcode(a.postcode)
  const bornTogether = a.multipleBirth || b.multipleBirth
  return (home || bornTogether) && plainName(a.given[0] ?? '') !== plainName(b.given[0] ?? '')
}

interface Field {
  readonly field: string
  readonly show: (found: Demographics) => string
  /** Why two values that are not equal may still mean the same; undefined when nothing says so. */
  readonly like: (a: Demographics, b: Demographics) => string | undefined
}

const never = (): undefined => undefined

const fields: readonly Field[] = [
  { field: 'Date of birth', show: ({ birthDate }) => dateWords(birthDate), like: datesAlike },
  { field: 'Family name', show: ({ family }) => family ?? '', like: familiesAlike },
  { field: 'Given names', show: ({ given }) => given.join(' '), like: givenAlike },
  { field: 'Previous family names', show: ({ previousFamilies }) => previousFamilies.join(', '), like: never },
  { field: 'NHS number', show: numberWords, like: numbersAlike },
  {
    field: 'Previous NHS numbers',
    show: (found) => found.supersededNumbers.map(formatNhsNumber).join(', '),
    like: never,
  },
  { field: 'Gender', show: ({ gender }) => gender ?? '', like: never },
  { field: 'Postcode', show: ({ postcode }) => postcode ?? '', like: postcodesAlike },
  { field: 'Address', show: ({ addressLine }) => addressLine ?? '', like: addressesAlike },
  { field: 'Birth order', show: birthWords, like: never },
]

function matchWords(a: string, b: string, like: string | undefined): string {
  if (a === '') return 'Missing in A'
  if (b === '') return 'Missing in B'
  if (a === b) return 'Same'
  return like === undefined ? 'Different' : `Similar: ${like}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `14 Mar 1951`, the style of staff tables; as much of it as is known. */
function dateWords(date: string | undefined): string {
  const [year, month, day] = (date ?? '').split('-')
  const name = month === undefined ? undefined : months[Number(month) - 1]
  return [day === undefined ? undefined : Number(day), name, year].filter((part) => part !== undefined).join(' ')
}

function numberWords({ nhsNumber, verification }: Demographics): string {
  return nhsNumber === undefined ? '' : `${formatNhsNumber(nhsNumber)}${verification === '01' ? ' verified' : ''}`
}

function birthWords({ birthOrder, multipleBirth }: Demographics): string {
  if (birthOrder !== undefined) return `Born number ${birthOrder} of several`
  return multipleBirth ? 'One of several' : ''
}

function datesAlike(a: Demographics, b: Demographics): string | undefined {
  if (dateMatch(a.birthDate, b.birthDate) !== 'close') return undefined
  const placeholder = isWeakDate(a.birthDate) || isWeakDate(b.birthDate)
  return placeholder ? 'one of them may only give the year' : 'may be a typing error'
}

function familiesAlike(a: Demographics, b: Demographics): string | undefined {
  const [one, other] = [a.family ?? '', b.family ?? '']
  if (plainName(one) === plainName(other)) return 'punctuation'
  if (soundAlike(one, other)) return 'sounds alike'
  const earlier = [...a.previousFamilies, ...b.previousFamilies].map(plainName)
  return earlier.includes(plainName(one)) || earlier.includes(plainName(other)) ? 'an earlier name' : undefined
}

function givenAlike(a: Demographics, b: Demographics): string | undefined {
  const [one, other] = [a.given[0] ?? '', b.given[0] ?? '']
  if (plainName(a.given.join('')) === plainName(b.given.join(''))) return 'punctuation'
  if (plainName(one) === plainName(other)) return 'middle names'
  if (beginAlike(one, other)) return 'beginning'
  return mayBeOneGivenName(one, other) ? 'short form' : undefined
}

function numbersAlike(a: Demographics, b: Demographics): string | undefined {
  if (a.nhsNumber === b.nhsNumber) return 'verified in one of them'
  const earlier = [...a.supersededNumbers, ...b.supersededNumbers]
  return [a.nhsNumber, b.nhsNumber].some((number) => number !== undefined && earlier.includes(number))
    ? 'an earlier number'
    : undefined
}

function postcodesAlike(a: Demographics, b: Demographics): string | undefined {
  return a.postcode?.split(' ')[0] === b.postcode?.split(' ')[0] ? 'same district' : undefined
}

function addressesAlike(a: Demographics, b: Demographics): string | undefined {
  return plainName(a.addressLine ?? '') === plainName(b.addressLine ?? '') ? 'punctuation' : undefined
}
