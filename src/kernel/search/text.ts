const marks = /\p{M}+/gu
const spaces = /\s+/g
/** Word processors and phones turn the apostrophe of O'Reilly into these. */
const apostrophes = /[\u2018\u2019\u02bc]/g
const plainAscii = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/** Longest string kept for searching, in UTF-16 units. */
export const searchTextLength = 200

/** A text as string search compares it: no accents, lower case, single spaces. Both sides use it. */
export const wholeSearchText = (text: string): string =>
  plainAscii.test(text)
    ? text.toLowerCase()
    : text
        .replace(apostrophes, "'")
        .normalize('NFD')
        .replace(marks, '')
        .toLowerCase()
        .normalize('NFC')
        .replace(spaces, ' ')
        .trim()

/** The same cut at 200: what is indexed. */
export function searchText(text: string): string {
  const plain = wholeSearchText(text)
  return plain.length <= searchTextLength ? plain : plain.slice(0, searchTextLength).toWellFormed().trimEnd()
}
