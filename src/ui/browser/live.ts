// Keeps an open record page right. A message says only that something changed; the page then fetches its own URL, so
// that access is checked on the one path. What someone is reading never moves: then a bar offers the news instead.

interface State {
  readonly news: HTMLElement
  readonly person: string
  /** Feed position this page is right at: where the next connection resumes. */
  position: string
  waiting: number
  retryMs: number
  stream: EventSource | undefined
  /** The page was left, and may lie in the back-forward cache. */
  left: boolean
}

const firstRetryMs = 250
const lastRetryMs = 10_000

function listen(element: HTMLElement): void {
  const { livePerson: person = '', liveAfter: position = '' } = element.dataset
  const state: State = {
    news: element,
    person,
    position,
    waiting: 0,
    retryMs: firstRetryMs,
    stream: undefined,
    left: false,
  }
  connect(state)
  // A page taken out of the back-forward cache has a dead stream and may be old.
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    state.left = false
    connect(state)
  })
  window.addEventListener('pagehide', () => {
    state.left = true
    state.stream?.close()
  })
}

function connect(state: State): void {
  state.stream?.close()
  const query = new URLSearchParams({ person: state.person, after: state.position })
  const stream = new EventSource(`/live?${query}`)
  state.stream = stream
  stream.addEventListener('open', () => {
    state.retryMs = firstRetryMs
  })
  stream.addEventListener('message', (event) => {
    if (event.lastEventId !== '') state.position = event.lastEventId
    state.waiting += 1
    void show(state)
  })
  // Signed out, or the record may not be seen any more: asking again would change nothing.
  stream.addEventListener('end', () => {
    stream.close()
    state.stream = undefined
    ended(state)
  })
  stream.addEventListener('error', () => {
    // The browser resumes a dropped connection itself, with Last-Event-ID; a refused one it gives up.
    if (stream.readyState === EventSource.CLOSED && state.stream === stream) retry(state)
  })
}

function retry(state: State): void {
  const wait = state.retryMs
  state.retryMs = Math.min(lastRetryMs, wait * 2)
  setTimeout(() => {
    if (!state.left) connect(state)
  }, wait)
}

const isReading = (): boolean => {
  if (window.scrollY > 8) return true
  const focused = document.activeElement
  return focused?.closest('[data-live]') !== null && focused !== document.body && focused !== null
}

let running = false
let again = false

/** One fetch at a time; what arrives meanwhile causes one more. */
async function show(state: State): Promise<void> {
  if (isReading()) return offer(state)
  if (running) {
    again = true
    return
  }
  running = true
  try {
    do {
      again = false
      await swap(state)
    } while (again)
  } finally {
    running = false
  }
}

async function swap(state: State): Promise<void> {
  const seen = state.waiting
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' }).catch(
    () => undefined,
  )
  if (answer === undefined || !answer.ok || answer.redirected) return offer(state)
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  if (isReading()) return offer(state)
  let swapped = 0
  for (const old of document.querySelectorAll<HTMLElement>('[data-live]')) {
    const replacement = fresh.querySelector(`[data-live="${CSS.escape(old.dataset['live'] ?? '')}"]`)
    if (replacement === null) continue
    keepOpen(old, replacement)
    old.replaceWith(document.importNode(replacement, true))
    swapped += 1
  }
  if (swapped === 0) return offer(state)
  state.waiting -= seen
  if (state.waiting === 0) state.news.replaceChildren()
}

/** What the reader had opened stays open. */
function keepOpen(old: Element, replacement: Element): void {
  const before = old.querySelectorAll('details')
  replacement.querySelectorAll('details').forEach((details, index) => {
    if (before[index]?.open === true) details.setAttribute('open', '')
  })
}

function ended({ news: element }: State): void {
  const link = document.createElement('a')
  link.href = location.pathname + location.search
  link.textContent = 'Load this page again'
  element.replaceChildren('You were signed out, or cannot see this record any more. This page shows no news. ', link)
}

function offer({ news: element, waiting }: State): void {
  const link = document.createElement('a')
  link.href = location.pathname + location.search
  link.textContent = 'Show them'
  element.replaceChildren(`${waiting} new. `, link)
}

const news = document.querySelector<HTMLElement>('[data-live-person]')
if (news !== null) listen(news)

export {}
