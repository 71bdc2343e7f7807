import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type JobStore, jobStore } from '../../../test/support/jobs.ts'
import { runRequest } from './request-job.ts'
import type { JobHandler } from './runner.ts'

let held: JobStore | undefined
const at = (): JobStore => held ?? assert.fail('the store is open')

before(async () => {
  held = await jobStore()
  for (const id of ['r1', 'r2'])
    await at().send('PUT', `Patient/${id}`, JSON.stringify({ resourceType: 'Patient', id }))
})
after(() => held?.close())

interface Entry {
  readonly resource?: { readonly resourceType: string; readonly type?: string; readonly entry?: readonly Entry[] }
  readonly response: { readonly status: string; readonly location?: string; readonly outcome?: object }
}

async function answered(job: string, handler: JobHandler = runRequest): Promise<Entry> {
  await at().work({ request: handler })
  const { status, text } = await at().send('GET', job)
  assert.equal(status, 200, text)
  const [entry] = (JSON.parse(text) as { type: string; entry: Entry[] }).entry
  return entry ?? assert.fail('the answer has an entry')
}

test('a search that was put aside is answered in a Bundle', async () => {
  const { resource, response } = await answered(await at().ask('GET', 'Patient?_id=r1'))
  assert.equal(response.status, '200')
  assert.equal(resource?.type, 'searchset')
  assert.equal(resource?.entry?.length, 1)
})

test('what is wrong with a request is in its answer', async () => {
  const { response } = await answered(await at().ask('GET', 'Patient?nonsense=1'))
  assert.equal(response.status, '400')
  assert.match(JSON.stringify(response.outcome), /nonsense/)
})

const bundle = (type: string, ids: readonly string[]) =>
  JSON.stringify({
    resourceType: 'Bundle',
    type,
    entry: ids.map((id) => ({
      resource: { resourceType: 'Basic', code: { text: id } },
      request: { method: 'POST', url: 'Basic' },
    })),
  })

const howMany = async (): Promise<number> =>
  Number((JSON.parse((await at().send('GET', 'Basic?_summary=count')).text) as { total: number }).total)

test('a batch is answered entry by entry', async () => {
  const { resource } = await answered(await at().ask('POST', '', bundle('batch', ['a', 'b', 'c'])))
  assert.equal(resource?.type, 'batch-response')
  assert.deepEqual(
    resource?.entry?.map(({ response }) => response.status),
    ['201', '201', '201'],
  )
  assert.equal(await howMany(), 3)
})

for (const type of ['batch', 'transaction'] as const)
  test(`a ${type} that is cut off after a write does not write it again`, async () => {
    const before = await howMany()
    const job = await at().ask('POST', '', bundle(type, ['x', 'y', 'z']))
    let cut = false
    const { resource } = await answered(job, async (running) => {
      if (cut) return runRequest(running)
      cut = true
      let saves = 0
      const save: typeof running.save = async (connection, checkpoint, progress) => {
        saves += 1
        // The second entry of the batch is written, and that it was is not kept.
        if (type === 'batch' && saves === 2) throw new Error('cut off')
        await running.save(connection, checkpoint, progress)
      }
      await runRequest({ ...running, save }).catch(() => undefined)
      const [row] = await at().store.database.read({
        text: 'select checkpoint from job where id = $1',
        values: [running.job.id],
        strings: [],
      })
      return runRequest({ ...running, job: { ...running.job, checkpoint: row?.['checkpoint'] } })
    })
    assert.equal(await howMany(), before + 3)
    assert.equal(resource?.entry?.length, 3)
    for (const { response } of resource?.entry ?? []) assert.match(response.status, /^20/)
  })

test('one client has only so many jobs at once', async () => {
  const asked: string[] = []
  for (let n = 0; n < 50; n += 1) asked.push(await at().ask('GET', 'Patient?_id=r1'))
  assert.equal((await at().send('GET', 'Patient?_id=r1', '', { prefer: 'respond-async' })).status, 429)
  for (const job of asked) assert.equal((await at().send('DELETE', job)).status, 202)
})
