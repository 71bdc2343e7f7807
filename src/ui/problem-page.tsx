import type { ReactElement } from 'react'
import type { ProblemKind } from '../base/problem.ts'
import { Document, renderDocument, type Shell } from './document.tsx'

interface Words {
  readonly heading: string
  readonly text: readonly string[]
}

const temporary: Words = {
  heading: 'There is a problem showing this page',
  text: ['This may be a temporary problem. Wait a few minutes and load the page again.'],
}

const notFound: Words = {
  heading: 'Page not found',
  text: ['If you typed the address, check it is correct.', 'If you followed a link, the page may have moved.'],
}

const wordsOf: Readonly<Record<ProblemKind, Words>> = {
  'not-found': notFound,
  gone: notFound,
  unauthenticated: {
    heading: 'You are signed out',
    text: [
      'You need to sign in to see this page. If you were signed in, you were signed out to keep information safe.',
    ],
  },
  forbidden: {
    heading: 'We could not take this',
    text: ['This form was opened in another sign-in. Go back, load the page again and send it once more.'],
  },
  invalid: {
    heading: 'We could not take this',
    text: ['Something in the address or the form is not as we expect it.'],
  },
  rule: { heading: 'We could not take this', text: ['What was sent breaks a rule of the record.'] },
  conflict: {
    heading: 'Someone else has just changed this',
    text: ['Load the page again to see what changed, then try once more.'],
  },
  'too-many': { heading: 'Too many tries', text: ['Wait a minute, then try again.'] },
  unavailable: temporary,
  fault: temporary,
}

/** The page for a problem. It says nothing that a stranger may not know. */
export function problemPage(props: {
  readonly kind: ProblemKind
  readonly requestId: string
  readonly shell?: Shell
  /** Said in place of our words when it was written for people. */
  readonly message?: string
}): string {
  const { heading, text } = wordsOf[props.kind]
  const lines = props.message === undefined ? text : [props.message]
  return renderDocument(
    <Document shell={props.shell ?? 'app'} title={heading}>
      <PlainHeader />
      <div className="app-width app-width--wide">
        <main className="nhsuk-main-wrapper" id="maincontent">
          <h1>{heading}</h1>
          {lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          <p>
            <a href="/auth/demo">{props.kind === 'unauthenticated' ? 'Sign in' : 'Choose who to sign in as'}</a>
          </p>
          <h2>For urgent medical advice</h2>
          <p>
            Use <a href="https://111.nhs.uk/">111 online</a> or call 111. In an emergency call 999.
          </p>
          <p className="app-reference">Reference {props.requestId}</p>
        </main>
      </div>
    </Document>,
  )
}

/** Header of pages that belong to no shell. */
export const PlainHeader = (): ReactElement => (
  <header className="app-header" role="banner">
    <div className="app-header__inner app-header__inner--wide">
      <a className="app-header__name" href="/">
        Linchpin
      </a>
    </div>
  </header>
)
