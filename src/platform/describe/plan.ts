import type { CarePlan, Communication, Goal, Task } from 'fhir/r4.js'
import { dateText } from '../../ui/format/dates.ts'
import type { Described, StatusWord } from './described.ts'
import { capitalised, conceptText, conceptTexts, noteLines, statusWords } from './words.ts'

const going = new Set([
  'active',
  'accepted',
  'in-progress',
  'ready',
  'requested',
  'received',
  'on-hold',
  'proposed',
  'planned',
])

function state(status: string): readonly StatusWord[] {
  if (status === 'completed') return [{ text: 'Completed', tone: 'plain' }]
  if (status === 'requested' || status === 'received') return [{ text: 'Needs action', tone: 'act' }]
  if (status === 'entered-in-error') return [{ text: 'Recorded by mistake', tone: 'ended' }]
  return [{ text: statusWords(status), tone: going.has(status) ? 'active' : 'ended' }]
}

const present = (texts: readonly string[]): readonly string[] => texts.filter((text) => text !== '')

export function describePlan(plan: CarePlan): Described {
  const activities = (plan.activity ?? []).map(({ detail }) => detail?.description ?? conceptText(detail?.code))
  return {
    kind: 'plan',
    kindWord: 'Plan',
    title: capitalised(plan.title ?? conceptTexts(plan.category)[0] ?? 'Care plan'),
    statuses: state(plan.status),
    lines: present([plan.description ?? '', ...activities, ...noteLines(plan.note)]),
    current: going.has(plan.status),
  }
}

export const describeGoal = (goal: Goal): Described => ({
  kind: 'plan',
  kindWord: 'Goal',
  title: capitalised(conceptText(goal.description)) || 'Goal',
  statuses: state(goal.lifecycleStatus),
  lines: noteLines(goal.note),
  current: going.has(goal.lifecycleStatus),
})

/** Who owns a task and when it is due, in words for "Do now". */
export function describeTask(task: Task): Described {
  const due = task.restriction?.period?.end ?? task.executionPeriod?.end
  return {
    kind: 'task',
    kindWord: 'Task',
    title: capitalised(task.description ?? conceptText(task.code)) || 'Task',
    statuses: state(task.status),
    lines: present([
      task.owner?.display === undefined ? '' : `Owner: ${task.owner.display}`,
      due === undefined ? '' : `Due ${dateText(due)}`,
      ...noteLines(task.note),
    ]),
    current: going.has(task.status),
  }
}

/** Category code of a note that someone added here: read as a note, not as a message. */
export const noteCategory = {
  system: 'https://linchpin.example/CodeSystem/communication-category',
  code: 'note',
} as const

export function describeCommunication(message: Communication): Described {
  const texts = (message.payload ?? []).map(({ contentString }) => contentString ?? '').filter((text) => text !== '')
  const isNote = message.category?.some(({ coding }) => coding?.some(({ code }) => code === noteCategory.code)) === true
  const topic = conceptText(message.topic) || conceptText(message.reasonCode?.[0])
  return {
    kind: 'message',
    kindWord: isNote ? 'Note' : 'Message',
    title: capitalised(topic === '' ? firstWords(texts[0] ?? '') : topic),
    statuses: message.status === 'completed' ? [] : state(message.status),
    lines: topic === '' && texts.length === 1 && firstWords(texts[0] ?? '') === texts[0] ? [] : texts,
    current: message.status !== 'entered-in-error',
  }
}

/** The start of a note as the words of its link: whole words, at most 80 characters. */
function firstWords(text: string): string {
  if (text.length <= 80) return text === '' ? 'Note without text' : text
  const cut = text.slice(0, 80)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 40))} …`
}
