import type { Annotation, CodeableConcept, Coding } from 'fhir/r4.js'

/** What a concept says to a reader: its text as the source wrote it, else a display, else the bare code. */
export function conceptText(concept: CodeableConcept | undefined): string {
  if (concept === undefined) return ''
  const displayed = concept.coding?.find(({ display }) => display !== undefined && display !== '')
  return concept.text ?? displayed?.display ?? concept.coding?.[0]?.code ?? ''
}

/** The text of each concept that has one. */
export const conceptTexts = (concepts: readonly CodeableConcept[] | undefined): readonly string[] =>
  (concepts ?? []).map(conceptText).filter((text) => text !== '')

/** The code of a concept in one system. */
export const codeIn = (concept: CodeableConcept | undefined, system: string): string | undefined =>
  concept?.coding?.find((coding: Coding) => coding.system === system)?.code

/** "amoxicillin" → "Amoxicillin"; words with capitals inside, such as eGFR, are left alone. */
export const capitalised = (text: string): string =>
  /^\p{Ll}+\p{Lu}/u.test(text) ? text : text.charAt(0).toLocaleUpperCase('en-GB') + text.slice(1)

/** "in-progress" → "In progress". */
export const statusWords = (code: string): string => capitalised(code.replaceAll('-', ' '))

/** Notes as written. */
export const noteLines = (notes: readonly Annotation[] | undefined): readonly string[] =>
  (notes ?? []).map(({ text }) => text).filter((text) => text !== '')

export const snomedSystem = 'http://snomed.info/sct'
export const loincSystem = 'http://loinc.org'
