import { Library } from '../packages/library.ts'
import { Codes } from './membership.ts'

let made: Codes | undefined

/** The codes of R4 itself. */
export function coreCodes(): Codes {
  made ??= new Codes(new Library())
  return made
}
