/** People are made a hundred at a time, so that families are whole and any hundred can be made alone. */
export const blockSize = 100
/** Stems of the test range kept for each hundred: one stem in eleven has no valid number, and children are born. */
export const stemsPerBlock = 140
/** The stems below are those of the hand-made people. */
export const firstStem = 200_000
/**
 * As many people as the 999 range has numbers for: 999 is followed by six free digits and the check digit, less the
 * stems of the hand-made people. More cannot be asked for: nobody gets a number of the real range, nor another's.
 */
export const mostPeople = Math.floor((1_000_000 - firstStem) / stemsPerBlock) * blockSize
