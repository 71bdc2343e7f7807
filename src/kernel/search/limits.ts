import { longestSearchMs } from '../store/database.ts'
import { mostChanged } from './as-of.ts'
import { mostJoins, mostValues } from './criterion.ts'
import { mostJoined } from './filter-condition.ts'
import { deepestFilter, longestFilter } from './filter-syntax.ts'
import { mostIncluded } from './include.ts'
import { usualDistanceKm } from './near-condition.ts'
import { longestQuery, mostCriteria, mostIncludes } from './query.ts'
import { mostCount, usualOptions } from './result-options.ts'
import { mostKeys } from './sort.ts'
import { mostCodes } from './token-condition.ts'
import { mostUnread } from './words-condition.ts'
import { longestTextSearch } from './words-syntax.ts'

/** The limits of a search, as the CapabilityStatement tells them. Beyond one a search is refused; nothing is left out. */
export const searchLimits = (): string =>
  [
    `Limits of a search: ${longestQuery} characters; ${mostCriteria} parameters of ${mostValues} values each`,
    `${mostCount} resources a page, ${usualOptions.count} unless asked`,
    `${mostIncludes} includes, ${mostIncluded} included resources a page (more are said to be left out)`,
    `${mostKeys} sort keys`,
    `${mostJoins} followed references, with ${mostJoined} resources behind each`,
    `${mostCodes} codes of a value set`,
    `_filter of ${longestFilter} characters and ${deepestFilter} levels`,
    `text searches of ${longestTextSearch} characters, while at most ${mostUnread} changes are not indexed yet`,
    `${mostChanged} resources changed between the pages of one sorted result`,
    `${longestSearchMs / 1000} s`,
    `near without a distance looks ${usualDistanceKm} km around`,
  ].join('; ')
