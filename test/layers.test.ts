import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../src/base/root.ts'
import { layerFaults } from './support/layers.ts'

test('every source file keeps to its layer and to the house rules on structure', () => {
  const files = globSync('src/**/*.{ts,tsx}', { cwd: packageRoot })
  assert.ok(files.length > 20, 'the sources were found')
  const faults = files.flatMap((path) => layerFaults(path, readFileSync(join(packageRoot, path), 'utf8')))
  assert.deepEqual(faults, [])
})

for (const [path, text, fault] of [
  ['src/base/id.ts', `import { store } from '../kernel/store/store.ts'`, /base may not import kernel/],
  ['src/kernel/store/store.ts', `import { page } from '../../ui/page.tsx'`, /kernel may not import ui/],
  ['src/ui/page.tsx', `import type { Store } from '../kernel/store/store.ts'`, /ui may not import kernel/],
  [
    'src/platform/page.ts',
    `export { routes } from '../capabilities/record/routes.ts'`,
    /platform may not import capabilities/,
  ],
  ['src/capabilities/record/rules.ts', `import { a } from '../referrals/rules.ts'`, /do not import each other/],
  ['src/adapters/pds/port.ts', `import { page } from '../../platform/page.ts'`, /adapters may not import platform/],
  ['src/synth/people.ts', `const { a } = await import('../apps/serve.ts')`, /synth may not import apps/],
  ['src/platform/page.ts', `import '../apps/config.ts'`, /platform may not import apps/],
  [
    'src/kernel/store/store.ts',
    `import { testDatabase } from '../../../test/support/database.ts'`,
    /only tests may use test/,
  ],
  ['src/kernel/store/store.ts', `import table from '../../../package.json'`, /it is outside src/],
  ['src/helpers/text.ts', '', /is in none of the layers/],
  ['src/kernel/store/index.ts', '', /is an index file/],
  ['src/base/id.ts', 'export default 1', /has a default export/],
  ['src/base/id.ts', 'const home = process.env.HOME', /reads process.env/],
  ['src/base/id.ts', 'const now = Date.now()', /asks the time/],
  ['src/base/id.ts', 'const now = new Date()', /asks the time/],
  ['src/apps/serve.ts', 'const rows = sql`select 1`', /writes SQL/],
  ['src/base/id.ts', 'x\n'.repeat(301), /has 301 lines; 300 are allowed/],
] as const) {
  test(`a planted fault is found: ${path} ${fault.source}`, () => {
    const faults = layerFaults(path, text)
    assert.equal(faults.length, 1)
    assert.match(faults[0] ?? '', fault)
  })
}

for (const [path, text] of [
  ['src/apps/serve.ts', `import { record } from '../capabilities/record/capability.ts'`],
  ['src/capabilities/record/rules.ts', `import { b } from './dates.ts'\nimport { c } from '../../platform/page.ts'`],
  ['src/kernel/store/store.test.ts', `import { testDatabase } from '../../../test/support/database.ts'`],
  ['src/capabilities/record/views.ts', 'const waiting = sql`select 1`'],
  ['src/apps/config.ts', 'const port = process.env.PORT'],
  ['src/kernel/search/range.ts', 'const day = new Date(0)\n'.repeat(300)],
] as const) {
  test(`what is allowed passes: ${path} ${text.slice(0, 40).split('\n')[0]}`, () => {
    assert.deepEqual(layerFaults(path, text), [])
  })
}
