import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of a job, as far as it is written. */
export interface JobFile {
  readonly name: string
  readonly type: string
  readonly count: number
  readonly bytes: number
}

/** A file is closed and the next begun at about this size, so that several can be fetched at once. */
const fullBytes = 256 * 1024 * 1024

/**
 * Adds lines to the newest file of a type. They are written at the place where the checkpoint says the file ends:
 * whoever repeats a step writes the same bytes to the same place.
 */
export async function appendLines(
  folder: string,
  files: readonly JobFile[],
  lines: { readonly type: string; readonly count: number; readonly text: string },
): Promise<JobFile[]> {
  const mine = files.filter((each) => each.type === lines.type)
  const last = mine.at(-1)
  const goesOn = last !== undefined && last.bytes < fullBytes
  const file = goesOn ? last : { name: `${lines.type}.${mine.length + 1}.ndjson`, type: lines.type, count: 0, bytes: 0 }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const handle = await open(join(folder, file.name), goesOn ? 'r+' : 'w', 0o600)
  try {
    const bytes = Buffer.from(lines.text, 'utf8')
    await handle.truncate(file.bytes)
    let written = 0
    while (written < bytes.length)
      written += (await handle.write(bytes, written, bytes.length - written, file.bytes + written)).bytesWritten
    const grown = { ...file, count: file.count + lines.count, bytes: file.bytes + bytes.length }
    return [...files.filter((each) => each !== file), grown]
  } finally {
    await handle.close()
  }
}

/** Makes sure that files survive a power cut before anyone is told of them. */
export async function flushFiles(folder: string, files: readonly JobFile[]): Promise<void> {
  for (const { name } of files) {
    const handle = await open(join(folder, name), 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

/** Whether the files are there up to where the checkpoint says; after a power cut they may not be. */
export async function filesAreWhole(folder: string, files: readonly JobFile[]): Promise<boolean> {
  for (const { name, bytes } of files) {
    const handle = await open(join(folder, name), 'r').catch(() => undefined)
    if (handle === undefined) return false
    try {
      if ((await handle.stat()).size < bytes) return false
    } finally {
      await handle.close()
    }
  }
  return true
}
