import type { ReactElement } from 'react'

/** The other ways to get help: the last block of every page of `/app` with content. */
export const ContactBlock = ({ text }: { readonly text: string }): ReactElement => (
  <section>
    <h2>If you need help</h2>
    <p>{text}</p>
    <p>
      For urgent medical advice use <a href="https://111.nhs.uk/">111 online</a> or call 111. In an emergency call 999.
    </p>
  </section>
)
