import { normaliseNhsNumber } from '../kernel/fhir/nhs-number.ts'

/** The first `count` valid numbers of the test range from a stem on. */
export function madeNhsNumbers(count: number, fromStem: number): readonly string[] {
  const numbers: string[] = []
  for (let stem = fromStem; numbers.length < count; stem++) {
    const number = madeNhsNumber(stem)
    if (number !== undefined) numbers.push(number)
  }
  return numbers
}

/** A valid NHS number of the test range for each stem of six digits: 999, the stem, the check digit. */
function madeNhsNumber(stem: number): string | undefined {
  const first = `999${String(stem).padStart(6, '0')}`
  for (let check = 0; check <= 9; check++) {
    const number = normaliseNhsNumber(`${first}${check}`)
    if (number !== undefined) return number
  }
  // One stem in eleven has the check digit 10, which no number may have.
  return undefined
}
