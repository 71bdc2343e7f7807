import { store } from './0001-store.ts'
import { canonicalQuantities } from './0002-canonical-quantities.ts'
import { jobs } from './0003-jobs.ts'
import { liveViews } from './0004-live-views.ts'
import { terminology } from './0005-terminology.ts'
import { closureLines } from './0006-closure-lines.ts'
import { history } from './0007-history.ts'
import { contents } from './0008-contents.ts'
import { words } from './0009-words.ts'
import { subscriptions } from './0010-subscriptions.ts'
import type { Migration } from './migration.ts'

/** Every migration there is, in order. A new one is added at the end and nothing before it ever changes. */
export const migrations: readonly Migration[] = [
  store,
  canonicalQuantities,
  jobs,
  liveViews,
  terminology,
  closureLines,
  history,
  contents,
  words,
  subscriptions,
]
