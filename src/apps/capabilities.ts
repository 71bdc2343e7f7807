import { addEntry } from '../capabilities/add-entry/capability.ts'
import { duplicates } from '../capabilities/duplicates/capability.ts'
import { findPerson } from '../capabilities/find-person/capability.ts'
import { myRecord } from '../capabilities/my-record/capability.ts'
import { record } from '../capabilities/record/capability.ts'
import { signIn } from '../capabilities/sign-in/capability.ts'
import type { Capability } from '../platform/capability.ts'

/** All that Linchpin can do, in the order of the menus. Adding a capability adds a line here. */
export const capabilities: readonly Capability[] = [signIn, findPerson, record, addEntry, duplicates, myRecord]
