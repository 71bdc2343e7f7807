import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { makeMetrics } from '../../src/apps/metrics.ts'
import { makeServer } from '../../src/apps/server.ts'
import { systemClock } from '../../src/base/clock.ts'
import { makeLog } from '../../src/base/log.ts'
import type { Persona } from '../../src/platform/page.ts'
import { chromiumAdvice, chromiumPath } from './chromium.ts'
import { carer, type PageWorld, pageWorld, person, staff } from './pages.ts'

/** The two widths every page is looked at. */
export const widths = [
  { width: 390, height: 664 },
  { width: 1280, height: 800 },
] as const

/** Why the journeys are skipped here, or false. */
export const skipJourneys: string | false = chromiumPath() === undefined ? chromiumAdvice : false

/** The real server with made-up people, and a browser to look at it. */
export interface Journeys {
  readonly world: PageWorld
  readonly origin: string
  readonly browser: Browser
  /** Signs in as a persona in a browser context of its own. */
  signedIn(persona: string, options?: ContextOptions): Promise<Page>
  /** Ends every open connection and refuses new ones until `reconnect`. */
  disconnect(): Promise<void>
  reconnect(): Promise<void>
  close(): Promise<void>
}

export type ContextOptions = Parameters<Browser['newContext']>[0]

const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const personasOf = ({ full, empty }: PageWorld): readonly Persona[] => [
  ...(['gp', 'hospital-nurse', 'care-home-worker', 'analyst', 'index-officer'] as const).map((role) => ({
    id: role,
    actor: staff(role),
    place: 'Park Surgery',
    task: 'Find Siobhan O’Reilly and read her timeline',
  })),
  { id: 'person', actor: person(full), place: 'At home', task: 'Add a blood pressure' },
  { id: 'carer', actor: carer(full), place: 'At home', task: 'Read the timeline' },
  { id: 'empty-person', actor: person(empty), place: 'At home', task: 'See an empty record' },
]

/** One server and one browser for all journeys of a test run: starting them takes longer than most journeys. */
export function startJourneys(): Promise<Journeys> {
  holder.running ??= start()
  return holder.running
}

const holder: { running?: Promise<Journeys> } = {}

after(async () => (await holder.running)?.close())

async function start(): Promise<Journeys> {
  const world = await pageWorld()
  const web = {
    store: world.store.store,
    clock: systemClock,
    log: makeLog('error'),
    demo: true,
    metrics: makeMetrics(),
  }
  const serve = async (port: number) => {
    const server = await makeServer(web, personasOf(world))
    await server.listen({ host: '127.0.0.1', port })
    return server
  }
  const running = { server: await serve(0) }
  const address = running.server.server.address() as AddressInfo
  const origin = `http://127.0.0.1:${address.port}`
  const browser = await chromium.launch({ executablePath: chromiumPath() ?? '', args: chromiumArguments })
  const stop = async (): Promise<void> => {
    running.server.server.closeAllConnections()
    await running.server.close()
  }
  return {
    world,
    origin,
    browser,
    signedIn: (persona, options) => signedIn(browser, origin, persona, options),
    disconnect: stop,
    reconnect: async () => {
      running.server = await serve(address.port)
    },
    async close() {
      await browser.close()
      await stop()
      await world.close()
    },
  }
}

async function signedIn(
  browser: Browser,
  origin: string,
  persona: string,
  options: ContextOptions = {},
): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: widths[1], ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  await context.request.post(`${origin}/auth/demo`, { form: { persona }, maxRedirects: 0 })
  return page
}
