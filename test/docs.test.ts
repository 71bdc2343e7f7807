import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { settings } from '../src/apps/config.ts'
import { packageRoot } from '../src/base/root.ts'

const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8')

test('every link between our documents leads somewhere', () => {
  const documents = globSync(['*.md', 'docs/**/*.md', 'src/**/*.md'], { cwd: packageRoot })
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !existsSync(join(packageRoot, dirname(document), link)))
      .map((link) => `${document}: ${link}`),
  )
  assert.deepEqual(broken, [])
})

test('the evidence that the hazard log names exists', () => {
  const named = [...read('docs/safety/hazard-log.md').matchAll(/`((?:src|test)\/[^`]+)`/g)].map(
    (match) => match[1] ?? '',
  )
  assert.ok(named.length > 10)
  assert.deepEqual(
    named.filter((path) => !existsSync(join(packageRoot, path))),
    [],
  )
})

test('README tells every setting, and no other', () => {
  const told = [...read('README.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1])
  assert.deepEqual(
    told,
    settings.map(({ name }) => name),
  )
})

test('decisions are numbered without gaps, dated and have a status', () => {
  const files = globSync('docs/decisions/*.md', { cwd: packageRoot }).toSorted()
  for (const [index, file] of files.entries()) {
    assert.match(file, new RegExp(`/${String(index + 1).padStart(4, '0')}-[a-z-]+\\.md$`))
    assert.match(read(file), /^Date: \d{4}-\d{2}-\d{2} · Status: \w+/m)
  }
})
