import { defineCapability, type PrivatePage } from '../../platform/capability.ts'
import { decidePage, undoPage } from './decide.tsx'
import { reviewPage, reviewsPage } from './pages.tsx'

const page = (
  id: string,
  kind: PrivatePage['kind'],
  method: PrivatePage['method'],
  path: string,
  handle: PrivatePage['handle'],
): PrivatePage => ({ id, kind, method, pattern: `/work/duplicates${path}`, audiences: ['index-officer'], handle })

/** How two records that may be of one person are looked at and decided. */
export const duplicates = defineCapability({
  id: 'duplicates',
  title: 'Duplicates',
  purpose: 'Index officers decide whether two records are of one person, and can undo it.',
  hazards: [
    {
      id: 'H-DUPLICATES-1',
      hazard: 'Records of two people are linked: one is treated by the other’s history.',
      control:
        'Differences come first, in words; twins are warned of; a reason is required; a conflict of number and birth date cannot be linked here.',
    },
    {
      id: 'H-DUPLICATES-2',
      hazard: 'A wrong link cannot be taken back.',
      control: 'No source record is edited; every decision is kept with its reason and can be undone at any time.',
    },
  ],
  pages: [
    { ...page('reviews', 'list', 'GET', '', reviewsPage), menu: 'Duplicates' },
    page('review', 'form', 'GET', '/:review', reviewPage),
    page('decide', 'form', 'POST', '/:review', decidePage),
    page('undo', 'form', 'POST', '/:review/undo', undoPage),
  ],
})
