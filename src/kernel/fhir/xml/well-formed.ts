import { SaxesParser } from 'saxes'

/** Whether a text is one well-formed XML element. */
export function isWellFormed(text: string): boolean {
  const parser = new SaxesParser({ xmlns: true })
  let fine = true
  parser.on('error', () => {
    fine = false
  })
  parser.on('doctype', () => {
    fine = false
  })
  parser.write(text).close()
  return fine
}
