import type { Field } from '../../platform/form.ts'

/** What can be checked with the person or their wristband before writing. */
export const identifierOptions = [
  { value: 'name', text: 'Name' },
  { value: 'birth-date', text: 'Date of birth' },
  { value: 'nhs-number', text: 'NHS number' },
  { value: 'address', text: 'Address' },
] as const

/** Two different identifiers at least, before the first write of a visit. */
export const twoIdentifiers: Field<readonly string[]> = (form, name) => {
  const known = new Set<string>(identifierOptions.map(({ value }) => value))
  const ticked = [...new Set(form.getAll(name))].filter((value) => known.has(value))
  return ticked.length >= 2
    ? { ok: true, value: ticked }
    : { ok: false, message: 'Tick at least two things that you checked with the person' }
}
