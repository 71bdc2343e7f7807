import type { Issue } from '../../../base/problem.ts'

/**
 * Errors of validation that do not stop a write: the resource is kept as it was sent, and $validate tells. Everything
 * else that is an error is refused. Each has its reason.
 */
const keptOnWrite: Readonly<Record<string, string>> = {
  'uri-uuid': 'Laboratory systems send UUIDs in capitals, and the reference still leads where it should',
  'xhtml-link': 'A link that leads nowhere harms nobody, and pages show no narrative links',
  'canonical-absolute': 'The definition is not found, which is told when it is needed',
}

/** Whether an issue stops a write. */
export const isRefusedOnWrite = ({ severity, rule }: Issue): boolean =>
  severity === 'error' && (rule === undefined || !Object.hasOwn(keptOnWrite, rule))
