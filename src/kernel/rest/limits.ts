import { mostEntries } from './bundle-entries.ts'
import { mostDeletedAtOnce } from './conditional-delete.ts'
import { mostPatchOperations } from './patch/json-patch.ts'

/** Largest request taken, and largest it may unpack to. */
export const mostBodyBytes = 64 * 1024 * 1024

/** What a request may ask for at most: told in the CapabilityStatement, and refused with a place beyond it. */
export const limits: readonly (readonly [string, number])[] = [
  ['bytes in a request, and unpacked', mostBodyBytes],
  ['entries in a transaction or batch', mostEntries],
  ['operations in a patch', mostPatchOperations],
  ['resources deleted by one condition', mostDeletedAtOnce],
  ['versions on a page', 1000],
  ['levels of nesting in a resource', 64],
]
