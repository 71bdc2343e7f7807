import { problem } from '../../base/problem.ts'
import type { Actor } from '../../kernel/access/actor.ts'
import type { WrittenEntry } from '../../kernel/record/written-entries.ts'
import { possessive } from '../../ui/format/names.ts'

/** How a page speaks: to the person, or to a carer about the person by name. */
export interface Voice {
  /** Id of the golden Person whose record is open. */
  readonly person: string
  /** "Your" or "Amir’s", at the start of a sentence. */
  readonly Your: string
  /** "your" or "Amir’s". */
  readonly your: string
  /** "You have" or "Amir has". */
  readonly YouHave: string
  /** "you feel" or "Amir feels". */
  readonly youFeel: string
  /** "Yours" or "Amir’s". */
  readonly Yours: string
  readonly isCarer: boolean
}

/** The voice for whoever is signed in. Staff have no pages here. */
export function voiceOf(actor: Actor): Voice {
  if (actor.kind === 'person')
    return {
      person: actor.person,
      Your: 'Your',
      your: 'your',
      YouHave: 'You have',
      youFeel: 'you feel',
      Yours: 'Yours',
      isCarer: false,
    }
  if (actor.kind !== 'carer') throw problem('not-found', 'Page not found')
  const given = actor.personName.split(' ')[0] ?? actor.personName
  const theirs = possessive(given)
  return {
    person: actor.person,
    Your: theirs,
    your: theirs,
    YouHave: `${given} has`,
    youFeel: `${given} feels`,
    Yours: theirs,
    isCarer: true,
  }
}

/** "Added by you", "Added by your carer", or for a carer the same by name; nothing for a professional's entry. */
export function addedBy(entry: WrittenEntry, voice: Voice, readerName: string): string | undefined {
  if (entry.assertedBy === 'professional') return undefined
  if (voice.isCarer) {
    const byReader = entry.assertedBy === 'carer' && entry.author.startsWith(readerName)
    return byReader ? 'Added by you' : `Added by ${entry.author === '' ? 'the person' : entry.author}`
  }
  return entry.assertedBy === 'person' ? 'Added by you' : 'Added by your carer'
}
