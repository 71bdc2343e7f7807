import { defineCapability } from '../../platform/capability.ts'
import type { HandlerContext } from '../../platform/page.ts'
import { findPage, myWorkPage } from './pages.tsx'

/** How care teams get to a record: by number, or by name and date of birth. */
export const findPerson = defineCapability({
  id: 'find-person',
  title: 'Find a person',
  purpose: 'Care teams find the right person, by NHS number in any spacing or by name and date of birth.',
  hazards: [
    {
      id: 'H-FIND-1',
      hazard: 'The record of another person with a similar name is opened.',
      control: 'Each row shows name, birth date, gender and NHS number; exact matches come first and say so.',
    },
    {
      id: 'H-FIND-2',
      hazard: 'A person is thought to have no record because the search was too narrow.',
      control: 'An empty answer says what to try next; more than 50 matches are said to be more.',
    },
  ],
  pages: [
    {
      id: 'my-work',
      kind: 'list',
      method: 'GET',
      pattern: '/work',
      menu: 'My work',
      audiences: ['gp', 'hospital-nurse', 'care-home-worker', 'index-officer', 'analyst'],
      handle: (ctx: HandlerContext) => Promise.resolve(myWorkPage(ctx)),
    },
    {
      id: 'find',
      kind: 'list',
      method: 'GET',
      pattern: '/work/find',
      menu: 'Find a person',
      audiences: ['gp', 'hospital-nurse', 'care-home-worker'],
      handle: findPage,
    },
  ],
})
