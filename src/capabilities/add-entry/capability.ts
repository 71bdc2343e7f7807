import { defineCapability, type PrivatePage } from '../../platform/capability.ts'
import type { Audience } from '../../platform/page.ts'
import { addPage, chooseKindPage, sendAddPage } from './pages.tsx'

const careTeam: readonly Audience[] = ['gp', 'hospital-nurse', 'care-home-worker']

const page = (id: string, method: PrivatePage['method'], path: string, handle: PrivatePage['handle']): PrivatePage => ({
  id,
  kind: 'form',
  method,
  pattern: `/work/people/:person/add${path}`,
  audiences: careTeam,
  handle,
})

/** How care teams add what they measured or want the others to know. */
export const addEntry = defineCapability({
  id: 'add-entry',
  title: 'Add an entry',
  purpose: 'Care teams add an observation or a note, seen at once by everyone who may see the record.',
  hazards: [
    {
      id: 'H-ADD-1',
      hazard: 'An entry is written into the record of the wrong person.',
      control:
        'The form names the person; before the first write of a visit two identifiers are confirmed; a check page repeats both.',
    },
    {
      id: 'H-ADD-2',
      hazard: 'A slip of the finger is stored as a measurement.',
      control:
        'Values outside wide limits are refused; the limits are stated at the field and the value is read back with its unit.',
    },
  ],
  pages: [
    page('choose', 'GET', '', chooseKindPage),
    page('form', 'GET', '/:kind', addPage),
    page('send', 'POST', '/:kind', sendAddPage),
  ],
})
