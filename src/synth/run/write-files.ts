import { once } from 'node:events'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { register } from '../ics/register.ts'
import { checkPeople } from '../people/population.ts'
import type { SynthSettings } from '../settings.ts'
import { makeBlocks } from './pool.ts'

export interface FilesOptions {
  readonly folder: string
  readonly gzip: boolean
  readonly workers: number
  readonly report: (people: number) => void
}

/**
 * Writes the synthetic system as NDJSON: `register.ndjson` for what belongs to no person, and a file for each source
 * organisation. The same settings make the same bytes, however many workers. Answers how many resources there are.
 */
export async function writeFiles(settings: SynthSettings, options: FilesOptions): Promise<number> {
  checkPeople(settings.people)
  mkdirSync(options.folder, { recursive: true })
  const ending = options.gzip ? '.ndjson.gz' : '.ndjson'
  const shared = register(settings)
  const text = `${shared.map((each) => JSON.stringify(each)).join('\n')}\n`
  writeFileSync(join(options.folder, `0-register${ending}`), options.gzip ? gzipSync(text) : text)
  const files = new Map<string, SourceFile>()
  let resources = shared.length
  let people = 0
  await makeBlocks({ settings }, { workers: options.workers }, async (done) => {
    for (const [source, lines] of done.texts) {
      const file = files.get(source) ?? openFile(join(options.folder, `${source}${ending}`), options.gzip)
      files.set(source, file)
      if (!file.into.write(lines)) await once(file.into, 'drain')
    }
    resources += done.resources
    people = Math.min(settings.people, people + 100)
    options.report(people)
  })
  await Promise.all([...files.values()].map(closeFile))
  return resources
}

interface SourceFile {
  readonly into: Writable
  readonly file: Writable
}

function openFile(path: string, gzip: boolean): SourceFile {
  const file = createWriteStream(path)
  if (!gzip) return { into: file, file }
  // Level 1: three times as fast for a tenth more bytes.
  const packed = createGzip({ level: 1 })
  packed.pipe(file)
  return { into: packed, file }
}

async function closeFile({ into, file }: SourceFile): Promise<void> {
  into.end()
  await finished(file)
}
