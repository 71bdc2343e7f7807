import type { Measure, MeasureGroup } from 'fhir/r4.js'
import { isObject } from '../../../base/json.ts'
import type { Issue } from '../../../base/problem.ts'
import { matchesPattern } from '../profiles/pattern.ts'
import { pathOf } from '../profiles/place.ts'
import type { ResourceCheck } from './resource-checks.ts'

type Value = Readonly<Record<string, unknown>>
const listOf = (value: unknown): readonly Value[] => (Array.isArray(value) ? value.filter(isObject) : [])

const issueAt = (expression: string, rule: string, message: string, severity: Issue['severity'] = 'error'): Issue => ({
  severity,
  code: severity === 'information' ? 'incomplete' : 'business-rule',
  rule,
  message,
  expression,
})

/** A Measure: criteria that are CQL need a library to be found in. */
export const measureChecks: ResourceCheck = (item) => {
  const measure = isObject(item.value) ? item.value : {}
  if (Array.isArray(measure['library'])) return []
  const uses = JSON.stringify(measure['group'] ?? []).includes('"language":"text/cql')
  return uses
    ? [issueAt(pathOf(item.place), 'measure-library', 'Its criteria are in CQL, and it names no Library', 'warning')]
    : []
}

/** A MeasureReport against its Measure: groups, populations, scores, counts of subjects. */
export const measureReportChecks: ResourceCheck = (item, _, { library }) => {
  const report = isObject(item.value) ? item.value : {}
  const place = pathOf(item.place)
  const canonical = typeof report['measure'] === 'string' ? report['measure'] : ''
  const measure = library.measure(canonical)
  const groups = listOf(report['group'])
  const own = [
    ...duplicateIds(groups, place),
    ...groups.flatMap((each, index) => countIssues(each, report, `${place}.group[${index}]`)),
  ]
  if (measure === undefined)
    return [
      ...own,
      issueAt(
        place,
        'measure-unknown',
        `Not checked: the Measure ${canonical.slice(0, 200)} is not here`,
        'information',
      ),
    ]
  const scoring = measure.scoring?.coding?.[0]?.code
  return [
    ...own,
    ...groups.flatMap((group, index) =>
      groupIssues(group, groupOf(measure, group, groups.length), scoring, `${place}.group[${index}]`),
    ),
    ...missingGroups(measure, groups, place),
  ]
}

function duplicateIds(groups: readonly Value[], place: string): readonly Issue[] {
  const ids = groups.map((each) => each['id'])
  return ids.flatMap((id, index) =>
    id !== undefined && ids.indexOf(id) < index
      ? [issueAt(`${place}.group[${index}]`, 'measure-group', 'Two groups have the same id')]
      : [],
  )
}

/** The group of the Measure that a reported group is of: by code, or the only one. */
function groupOf(measure: Measure, group: Value, reported: number): MeasureGroup | undefined {
  const groups = measure.group ?? []
  const byCode = groups.find((each) => each.code !== undefined && sameConcept(group['code'], each.code))
  return byCode ?? (groups.length === 1 && reported === 1 ? groups[0] : undefined)
}

/** Two concepts that share a coding. */
function sameConcept(left: unknown, right: unknown): boolean {
  const codings = isObject(right) ? listOf(right['coding']) : []
  const own = isObject(left) ? listOf(left['coding']) : []
  return codings.some(({ system, code }) =>
    own.some((each) => matchesPattern(each, { ...(system === undefined ? {} : { system }), code })),
  )
}

function groupIssues(
  group: Value,
  defined: MeasureGroup | undefined,
  scoring: string | undefined,
  at: string,
): readonly Issue[] {
  if (defined === undefined) return [issueAt(at, 'measure-group', 'The Measure has no group with this code')]
  const issues: Issue[] = []
  if (scoring === 'cohort' && group['measureScore'] !== undefined)
    issues.push(issueAt(`${at}.measureScore`, 'measure-score', 'A cohort has no score'))
  const score = group['measureScore']
  if (
    (scoring === 'proportion' || scoring === 'ratio') &&
    isObject(score) &&
    typeof score['value'] === 'number' &&
    (score['value'] < 0 || (scoring === 'proportion' && score['value'] > 1))
  )
    issues.push(issueAt(`${at}.measureScore`, 'measure-score', 'The score of a proportion is from 0 to 1'))
  listOf(group['population']).forEach((population, index) => {
    const known = (defined.population ?? []).some(
      (each) => each.code !== undefined && sameConcept(population['code'], each.code),
    )
    if (!known)
      issues.push(
        issueAt(`${at}.population[${index}]`, 'measure-population', 'The Measure has no population with this code'),
      )
  })
  return issues
}

function missingGroups(measure: Measure, groups: readonly Value[], place: string): readonly Issue[] {
  return (measure.group ?? []).flatMap((each) =>
    groups.some((group) => groupOf(measure, group, groups.length) === each)
      ? []
      : [
          issueAt(
            place,
            'measure-group',
            `There is no group for ${each.code?.text ?? each.code?.coding?.[0]?.code ?? 'a group of the Measure'}`,
          ),
        ],
  )
}

/** A contained list of subjects has as many as were counted. */
function countIssues(group: Value, report: Value, at: string): readonly Issue[] {
  return listOf(group['population']).flatMap((population, index) => {
    const { subjectResults, count } = population
    const reference = isObject(subjectResults) ? subjectResults['reference'] : undefined
    if (typeof reference !== 'string' || typeof count !== 'number') return []
    const list = listOf(report['contained']).find(
      (each) => `#${typeof each['id'] === 'string' ? each['id'] : ''}` === reference,
    )
    const found = listOf(list?.['entry']).length
    return list === undefined || found === count
      ? []
      : [
          issueAt(
            `${at}.population[${index}]`,
            'measure-count',
            `The count is ${count}, and the list has ${found} subjects`,
          ),
        ]
  })
}
