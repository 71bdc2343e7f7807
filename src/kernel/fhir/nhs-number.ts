/**
 * The ten digits of an NHS number written in any spacing; undefined when it is not a valid one. Check digit: NHS Data
 * Dictionary, NHS NUMBER (Modulus 11). Ten equal digits pass the arithmetic and are refused as well: nobody has them.
 */
export function normaliseNhsNumber(text: string): string | undefined {
  const digits = text.replace(/[\s\u00a0-]/g, '')
  if (!/^[0-9]{10}$/.test(digits) || /^(.)\1*$/.test(digits)) return undefined
  let sum = 0
  for (let place = 0; place < 9; place++) sum += (digits.charCodeAt(place) - 48) * (10 - place)
  const check = (11 - (sum % 11)) % 11
  return check === digits.charCodeAt(9) - 48 ? digits : undefined
}

/** An NHS number as people read it: 3-3-4. Text that is not ten digits comes back as it is. */
export const formatNhsNumber = (digits: string): string => digits.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3')

/** Whether a number is from the range kept for test data (999), so that a page can say "test patient". */
export const isTestNumber = (digits: string): boolean => digits.startsWith('999')
