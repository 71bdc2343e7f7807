import type { ReactElement, ReactNode } from 'react'

export interface TimelineEntry {
  readonly id: string
  /** "14:02"; empty when only a day is known. */
  readonly time: string
  /** "Result". */
  readonly kind: string
  /** What happened: "potassium 5.9 mmol/L". It is the text of the link. */
  readonly title: string
  readonly href: string
  readonly tags: readonly ReactNode[]
  /** Dose, reason, note: at most a few short lines. */
  readonly lines: readonly string[]
  /** Who and where: "Dr Jane Lee, City Hospital". */
  readonly origin: string
  /** "Received 20 Nov 2026, 17 days later"; absent when it arrived when it happened. */
  readonly received?: string | undefined
}

export interface TimelineDay {
  readonly heading: string
  readonly entries: readonly TimelineEntry[]
}

/** What happened, a day at a time. The link text is the event: people miss links on dates. */
export const Timeline = ({ days }: { readonly days: readonly TimelineDay[] }): ReactElement => (
  <>
    {days.map(({ heading, entries }) => (
      <section key={heading} className="app-timeline-day">
        <h2 className="app-timeline-day__heading">{heading}</h2>
        <ol className="nhsapp-timeline app-timeline">
          {entries.map((entry) => (
            <TimelineItem key={entry.id} {...entry} />
          ))}
        </ol>
      </section>
    ))}
  </>
)

function TimelineItem({ id, time, kind, title, href, tags, lines, origin, received }: TimelineEntry): ReactElement {
  return (
    <li className="nhsapp-timeline__item nhsapp-timeline__item--past" id={`entry-${id}`}>
      <svg className="nhsapp-timeline__badge nhsapp-timeline__badge--small" aria-hidden="true" viewBox="0 0 14 14">
        <circle cx="7" cy="7" r="7" fill="#005EB8" />
      </svg>
      <div className="nhsapp-timeline__content">
        <p className="app-timeline__head">
          {time === '' ? null : <span className="app-timeline__time">{time}</span>} <span>{kind}:</span>{' '}
          <a href={href}>
            <strong>{title}</strong>
          </a>
          {tags.map((tag, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- static markup, never reordered
            <span key={index} className="app-timeline__tag">
              {' '}
              {tag}
            </span>
          ))}
        </p>
        {lines.map((line) => (
          <p key={line} className="app-timeline__line">
            {line}
          </p>
        ))}
        <p className="app-timeline__origin">
          {origin}
          {received === undefined ? null : <span> · {received}</span>}
        </p>
      </div>
    </li>
  )
}
