import { relative } from 'node:path'
import type { Issue } from '../base/problem.ts'

/** An issue with its place in the file. */
export interface PlacedIssue extends Issue {
  readonly line: number
  readonly column: number
}

/** What was found in one resource of a file. */
export interface FileResult {
  readonly file: string
  readonly issues: readonly PlacedIssue[]
}

const nameOf = (file: string): string => relative(process.cwd(), file) || file

/** How the results of `linchpin validate` are written, line by line. */
export const formats: Readonly<Record<string, ((results: readonly FileResult[]) => readonly string[]) | undefined>> = {
  text: (results) => [...results.flatMap(textLines), ...summary(results)],
  json: (results) => [
    JSON.stringify(
      {
        resources: results.length,
        results: results.map((each) => ({ ...each, file: nameOf(each.file) })),
        rules: counted(results),
      },
      null,
      2,
    ),
  ],
  junit,
}

const textLines = ({ file, issues }: FileResult): readonly string[] =>
  issues.map(({ severity, line, column, expression, message, rule }) => {
    const at = expression === undefined ? '' : ` ${expression}:`
    return `${nameOf(file)}:${line}:${column}: ${severity}:${at} ${message} [${rule ?? ''}]`
  })

interface RuleCount {
  readonly rule: string
  readonly severity: Issue['severity']
  readonly count: number
}

function counted(results: readonly FileResult[]): readonly RuleCount[] {
  const counts = new Map<string, RuleCount>()
  for (const { severity, rule = '' } of results.flatMap((each) => each.issues)) {
    const key = `${severity} ${rule}`
    counts.set(key, { rule, severity, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()].sort((left, right) => right.count - left.count)
}

function summary(results: readonly FileResult[]): readonly string[] {
  const wrong = results.filter((each) => each.issues.some(({ severity }) => severity === 'error')).length
  const rules = counted(results)
  return [
    `${results.length} resources: ${results.length - wrong} without errors, ${wrong} with errors`,
    ...rules.map(({ rule, severity, count }) => `  ${String(count).padStart(6)}  ${severity.padEnd(11)}  ${rule}`),
  ]
}

const escaped = (text: string): string => text.replace(/[<>&"\n]/g, (each) => `&#${each.charCodeAt(0)};`)

/** JUnit XML, as build servers read it: a test for each resource, failed when it has an error. */
function junit(results: readonly FileResult[]): readonly string[] {
  const failures = results.filter((each) => each.issues.some(({ severity }) => severity === 'error')).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="linchpin validate" tests="${results.length}" failures="${failures}">`,
    ...results.flatMap((each) => {
      const errors = each.issues.filter(({ severity }) => severity === 'error')
      const open = `  <testcase name="${escaped(nameOf(each.file))}" classname="validate">`
      if (errors.length === 0) return [`${open}</testcase>`]
      const [first] = errors
      const text = textLines({ ...each, issues: errors })
        .map(escaped)
        .join('\n')
      return [open, `    <failure message="${escaped(first?.message ?? '')}">${text}</failure>`, '  </testcase>']
    }),
    '</testsuite>',
  ]
}
