import type { Identifier } from 'fhir/r4.js'

/** Identifier system of NHS numbers (England, Wales, Isle of Man). */
export const nhsNumberSystem = 'https://fhir.nhs.uk/Id/nhs-number'

/** "999 123 4567"; anything that is not ten digits is shown as it is. */
export function nhsNumberText(value: string): string {
  const digits = value.replaceAll(/[\s-]/g, '')
  return /^\d{10}$/.test(digits) ? `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}` : value
}

/** The NHS number in force among identifiers: an old one has use `old` or an ended period. */
export function nhsNumberOf(identifiers: readonly Identifier[] | undefined): string | undefined {
  const numbers = (identifiers ?? []).filter((identifier) => identifier.system === nhsNumberSystem)
  const current = numbers.find(({ use, period }) => use !== 'old' && period?.end === undefined)
  return (current ?? numbers[0])?.value
}

const verificationUrl = /NHSNumberVerificationStatus$/

/** True unless a source says the number was traced and matched (verification status 01). */
export function isUnverified(identifiers: readonly Identifier[] | undefined): boolean {
  const statuses = (identifiers ?? [])
    .filter(({ system }) => system === nhsNumberSystem)
    .flatMap(({ extension }) => extension ?? [])
    .filter(({ url }) => verificationUrl.test(url))
    .map(({ valueCodeableConcept }) => valueCodeableConcept?.coding?.[0]?.code)
  return statuses.includes('05') || !statuses.includes('01')
}

/**
 * Ten digits with a right check digit (NHS Data Dictionary, NHS NUMBER, Modulus 11). Ten equal digits pass the
 * arithmetic and are refused.
 */
export function isNhsNumber(value: string): boolean {
  const digits = value.replaceAll(/[\s-]/g, '')
  if (!/^\d{10}$/.test(digits) || /^(\d)\1{9}$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < 9; index++) sum += Number(digits[index]) * (10 - index)
  const check = (11 - (sum % 11)) % 11
  return check !== 10 && check === Number(digits[9])
}
