import { defineCapability, type PrivatePage } from '../../platform/capability.ts'
import type { Audience } from '../../platform/page.ts'
import { entryPage } from './entry-page.tsx'
import { homePage } from './home-page.tsx'
import { conditionsPage, medicinesPage } from './list-pages.tsx'
import { chooseReadingPage, readingPage, sendReadingPage } from './readings-pages.tsx'
import { recordPage } from './record-page.tsx'
import { resultsPage } from './results-page.tsx'

const readers: readonly Audience[] = ['person', 'carer']

type Extra = Partial<Pick<PrivatePage, 'method' | 'menu'>>

const page = (
  id: string,
  kind: PrivatePage['kind'],
  path: string,
  handle: PrivatePage['handle'],
  extra: Extra = {},
): PrivatePage => ({ id, kind, method: 'GET', pattern: `/app${path}`, audiences: readers, handle, ...extra })

/** The same record, as the person and those who act for them read it and add to it. */
export const myRecord = defineCapability({
  id: 'my-record',
  title: 'My record',
  purpose: 'People and their carers read the record in plain words, and add readings and notes to it.',
  hazards: [
    {
      id: 'H-MY-RECORD-1',
      hazard: 'Someone takes a reading or note they sent for help that is on its way.',
      control: 'Before and after sending, the page says whom to call now, and that nobody watches readings at once.',
    },
    {
      id: 'H-MY-RECORD-2',
      hazard: 'A carer acts in the wrong person’s record.',
      control: 'A coloured bar and the title name the person on every page; each check page starts with "For".',
    },
    {
      id: 'H-MY-RECORD-3',
      hazard: 'What a person adds is taken for a clinician’s finding.',
      control:
        'It is stored as asserted by them and tagged "Added by you" or "Added by the person" wherever it is shown.',
    },
  ],
  pages: [
    page('home', 'detail', '', homePage, { menu: 'Home' }),
    page('record', 'list', '/record', recordPage, { menu: 'Record' }),
    page('entry', 'detail', '/record/:type/:entry', entryPage),
    page('results', 'list', '/results', resultsPage),
    page('medicines', 'list', '/medicines', medicinesPage),
    page('conditions', 'list', '/conditions', conditionsPage),
    page('readings', 'list', '/readings', chooseReadingPage, { menu: 'Readings' }),
    page('reading', 'journey', '/readings/:kind', readingPage),
    page('send-reading', 'journey', '/readings/:kind', sendReadingPage, { method: 'POST' }),
  ],
})
