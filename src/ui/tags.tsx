import { Tag } from 'nhsuk-react-components'
import type { ReactElement } from 'react'

/** What a status means; the colour follows, the same everywhere. */
export type Tone = 'act' | 'active' | 'good' | 'ended' | 'unusual' | 'danger' | 'person' | 'plain'

const staffColours = {
  act: 'blue',
  active: 'white',
  good: 'green',
  ended: 'grey',
  unusual: 'orange',
  danger: 'red',
  person: 'purple',
} as const

/** `/app` never shows a red tag: what would be red is a plain sentence or a care card. */
const appColours = {
  act: 'yellow',
  active: 'blue',
  good: 'green',
  ended: 'grey',
  unusual: 'yellow',
  danger: 'yellow',
  person: 'purple',
} as const

/** A status in words, for staff. */
export const StaffTag = ({ tone, text }: { readonly tone: Tone; readonly text: string }): ReactElement =>
  tone === 'plain' ? <span>{text}</span> : <Tag color={staffColours[tone]}>{text}</Tag>

/** A status in words, for people. */
export const AppTag = ({ tone, text }: { readonly tone: Tone; readonly text: string }): ReactElement =>
  tone === 'plain' ? <span>{text}</span> : <span className={`nhsapp-tag nhsapp-tag--${appColours[tone]}`}>{text}</span>
