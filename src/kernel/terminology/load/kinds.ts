import { dmdPlan } from './dmd.ts'
import { loincPlan } from './loinc.ts'
import { odsPlan } from './ods.ts'
import type { ReleasePlan } from './release-row.ts'
import { snomedPlan } from './snomed.ts'

/** How the files of each kind of release are read. */
export const releaseKinds: Readonly<
  Record<string, (path: string, version?: string) => ReleasePlan | Promise<ReleasePlan>>
> = {
  snomed: snomedPlan,
  dmd: dmdPlan,
  loinc: loincPlan,
  ods: odsPlan,
}
