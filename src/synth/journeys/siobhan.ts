// What several places know of Siobhan O'Reilly.

/** Her NHS number. */
export const siobhanNumber = '9990000026'

/** Where she lives since she broke her hip. */
export const willowHouse = {
  use: 'home' as const,
  line: ['Willow House', '2 Chapel Lane'],
  city: 'Leeds',
  postalCode: 'LS8 9ZZ',
}

/** Where she lived before. */
export const formerHome = { line: ['9 Roundhay Grove'], city: 'Leeds', postalCode: 'LS8 9ZY' }

/** Her daughter Niamh, who cares for her. */
export const daughter = {
  name: [{ family: "O'Reilly", given: ['Niamh'] }],
  gender: 'female' as const,
  telecom: [{ system: 'phone' as const, value: '07700 900303' }],
}
