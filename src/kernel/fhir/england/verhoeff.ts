const times = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
] as const
const permuted = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
] as const

/** Whether a SNOMED CT identifier ends in its check digit (Verhoeff; SNOMED CT Release File Specification, 6.2). */
export function isVerhoeff(code: string): boolean {
  if (!/^\d{6,18}$/.test(code)) return false
  let check = 0
  for (let place = 0; place < code.length; place++) {
    const digit = Number(code[code.length - 1 - place])
    check = Number(times[check]?.[Number(permuted[place % 8]?.[digit])])
  }
  return check === 0
}
