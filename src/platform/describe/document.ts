import type { Composition, DiagnosticReport, DocumentReference, QuestionnaireResponse } from 'fhir/r4.js'
import type { Described } from './described.ts'
import { capitalised, conceptText, conceptTexts, statusWords } from './words.ts'

export function describeDocument(document: DocumentReference): Described {
  const attachment = document.content[0]?.attachment
  const kind = conceptText(document.type)
  const title = document.description ?? attachment?.title ?? kind
  const withdrawn = document.status !== 'current'
  return {
    kind: 'document',
    kindWord: 'Document',
    title: capitalised(title === '' ? 'Document not named' : title),
    statuses: withdrawn
      ? [{ text: document.status === 'superseded' ? 'Replaced' : 'Recorded by mistake', tone: 'ended' }]
      : [],
    lines: kind === '' || kind === title ? [] : [kind],
    current: !withdrawn,
  }
}

export function describeReport(report: DiagnosticReport): Described {
  const results = report.result?.length ?? 0
  return {
    kind: 'result',
    kindWord: 'Report',
    title: capitalised(conceptText(report.code)) || 'Report not named',
    statuses: report.status === 'final' ? [] : [{ text: statusWords(report.status), tone: 'active' }],
    lines: [
      ...(report.conclusion === undefined ? [] : [report.conclusion]),
      ...conceptTexts(report.conclusionCode),
      ...(results === 0 ? [] : [`${results} ${results === 1 ? 'result' : 'results'} in this report`]),
    ],
    current: true,
  }
}

export const describeComposition = (composition: Composition): Described => ({
  kind: 'document',
  kindWord: 'Document',
  title: capitalised(composition.title),
  statuses: composition.status === 'final' ? [] : [{ text: statusWords(composition.status), tone: 'active' }],
  lines: conceptTexts([composition.type]).filter((text) => text !== composition.title),
  current: composition.status !== 'entered-in-error',
})

export const describeAnswers = (answers: QuestionnaireResponse): Described => ({
  kind: 'document',
  kindWord: 'Questionnaire',
  title: 'Questionnaire answered',
  statuses: answers.status === 'completed' ? [] : [{ text: statusWords(answers.status), tone: 'active' }],
  lines: [],
  current: answers.status !== 'entered-in-error',
})

/** A part of a document that can be read on the page, and the parts that cannot, by name. */
export interface DocumentText {
  readonly heading: string
  readonly text: string
}

/** What can be read in a document without leaving the page: plain text it carries inside. */
export function documentTexts(document: DocumentReference): readonly DocumentText[] {
  return document.content.flatMap(({ attachment }) => {
    const readable = attachment.contentType?.startsWith('text/plain') === true && attachment.data !== undefined
    return readable
      ? [{ heading: attachment.title ?? '', text: Buffer.from(attachment.data ?? '', 'base64').toString('utf8') }]
      : []
  })
}
