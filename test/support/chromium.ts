import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** How to get a browser where there is none. */
export const chromiumAdvice =
  'No Chromium was found, so the browser journeys are SKIPPED. Install one ("apt-get install chromium" on Debian) or set CHROMIUM to its path.'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const
const macPath = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** The browser for the journeys: CHROMIUM, or the first that is installed. */
export function chromiumPath(): string | undefined {
  const given = process.env['CHROMIUM']
  if (given !== undefined) return given
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const places = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), macPath]
  return places.find((place) => existsSync(place))
}
