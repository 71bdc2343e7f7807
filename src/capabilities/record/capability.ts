import { defineCapability, type PrivatePage } from '../../platform/capability.ts'
import type { Audience } from '../../platform/page.ts'
import { detailsPage } from './details-page.tsx'
import { documentPage, documentsPage } from './documents-page.tsx'
import { entryPage } from './entry-page.tsx'
import { medicinesPage, problemsPage } from './list-pages.tsx'
import { resultsPage } from './results-page.tsx'
import { summaryPage } from './summary-page.tsx'
import { timelinePage } from './timeline-page.tsx'

const clinicians: readonly Audience[] = ['gp', 'hospital-nurse']
const careTeam: readonly Audience[] = [...clinicians, 'care-home-worker']

const page = (
  id: string,
  kind: PrivatePage['kind'],
  path: string,
  audiences: readonly Audience[],
  handle: PrivatePage['handle'],
): PrivatePage => ({ id, kind, method: 'GET', pattern: `/work/people/:person${path}`, audiences, handle })

/** The one record of a person, as care teams read it. */
export const record = defineCapability({
  id: 'record',
  title: 'The record',
  purpose: 'Care teams read one record of a person, made from all sources, with who said what, where and when.',
  hazards: [
    {
      id: 'H-RECORD-1',
      hazard: 'An empty list is read as "none" when the source was not asked, or did not answer.',
      control: 'Not recorded, none known and unavailable are three texts; each page says which sources it is made of.',
    },
    {
      id: 'H-RECORD-2',
      hazard: 'A value is read wrongly because it was rounded, converted or shown without its unit.',
      control: 'Values are shown with the digits and the unit that were sent; nothing is converted.',
    },
    {
      id: 'H-RECORD-3',
      hazard: 'An old entry that came late is taken for a new one.',
      control:
        'Entries stand at the time they happened; when they came on another day, the page says when and how much later.',
    },
    {
      id: 'H-RECORD-4',
      hazard: 'The page changes under the reader, who acts on the wrong line.',
      control:
        'An open page is replaced only when its top is in view and nothing in it has focus; else a bar offers the news.',
    },
  ],
  pages: [
    page('summary', 'detail', '', careTeam, summaryPage),
    page('timeline', 'list', '/timeline', careTeam, timelinePage),
    page('problems', 'list', '/problems', clinicians, problemsPage),
    page('medicines', 'list', '/medicines', careTeam, medicinesPage),
    page('results', 'report', '/results', clinicians, resultsPage),
    page('documents', 'list', '/documents', clinicians, documentsPage),
    page('document', 'detail', '/documents/:document', clinicians, documentPage),
    page('entry', 'detail', '/entries/:type/:entry', careTeam, entryPage),
    page('details', 'detail', '/details', clinicians, detailsPage),
  ],
})
