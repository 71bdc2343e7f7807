/** Whether a birth date proves little: systems put 1 January where only the year is known. */
export const isWeakDate = (date: string | undefined): boolean =>
  date === undefined || date.length < 10 || date.endsWith('-01-01')

/** Whether a postcode proves nothing: ZZ99 stands for people without a fixed home, or abroad. */
export const isWeakPostcode = (postcode: string | undefined): boolean =>
  postcode === undefined || postcode.startsWith('ZZ99')

/** How two birth dates compare. `close`: unknown, a placeholder of the same year, one digit away, or day and month changed round. */
export function dateMatch(a: string | undefined, b: string | undefined): 'same' | 'close' | 'different' {
  if (a === undefined || b === undefined) return 'close'
  if (a === b) return 'same'
  if (a.startsWith(b) || b.startsWith(a)) return 'close'
  const weak = isWeakDate(a) || isWeakDate(b)
  if (weak && a.slice(0, 4) === b.slice(0, 4)) return 'close'
  let changed = 0
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) changed += 1
  const swapped = `${a.slice(0, 5)}${a.slice(8, 10)}-${a.slice(5, 7)}`
  return changed === 1 || swapped === b ? 'close' : 'different'
}
