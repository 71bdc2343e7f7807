import type { ReactElement } from 'react'

/** What is known about allergies. Not known, none and not shown are three different texts. */
export type AllergyState =
  | { readonly state: 'listed'; readonly allergies: readonly string[] }
  | { readonly state: 'none-known'; readonly recorded: string }
  | { readonly state: 'not-recorded' }
  | { readonly state: 'unavailable' }

/** What the banner says; every text is ready to show. */
export interface PatientBannerProps {
  readonly name: string
  readonly knownAs?: string | undefined
  /** "14 Mar 1951 (75 years)". */
  readonly born: string
  /** "Died 3 Apr 2026 Age at death 75 years". */
  readonly died?: string | undefined
  readonly gender: string
  readonly nhsNumber?: string | undefined
  readonly unverified: boolean
  readonly testPatient: boolean
  /** Absent for roles without clinical access: then only adjustments are shown. */
  readonly allergies?: AllergyState | undefined
  readonly adjustments: readonly string[]
  readonly alerts: readonly string[]
  readonly allDetails?: string | undefined
}

/** Two siblings: the identity row sticks to the top, the care row scrolls away. No second copy, no script. */
export function PatientBanner(props: PatientBannerProps): ReactElement {
  return (
    <>
      <section
        className={`app-banner app-banner--identity${props.died === undefined ? '' : ' app-banner--died'}`}
        aria-label="Person"
        data-live="identity"
      >
        <div className="app-banner__inner">
          <p className="app-banner__name">
            {props.name}
            {props.knownAs === undefined ? null : <span className="app-banner__known-as">“{props.knownAs}”</span>}
          </p>
          <Facts {...props} />
        </div>
      </section>
      <section className="app-banner app-banner--care" aria-label="Allergies, adjustments and alerts" data-live="care">
        <div className="app-banner__inner">
          <Care {...props} />
        </div>
      </section>
    </>
  )
}

function Facts({ born, died, gender, nhsNumber, unverified, testPatient }: PatientBannerProps): ReactElement {
  return (
    <dl className="app-banner__facts">
      <Fact label="Born" value={born} />
      {died === undefined ? null : <Fact label="Died" value={died} />}
      <Fact label="Gender" value={gender} />
      <div>
        <dt>NHS number</dt>
        <dd>
          <span className="app-banner__number">{nhsNumber ?? 'not known'}</span>
          {nhsNumber !== undefined && unverified ? <span className="app-banner__mark">Not verified</span> : null}
          {testPatient ? <span className="app-banner__mark app-banner__mark--plain">Test patient</span> : null}
        </dd>
      </div>
    </dl>
  )
}

const Fact = ({ label, value }: { label: string; value: string }): ReactElement => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
)

function Care({ allergies, adjustments, alerts, allDetails }: PatientBannerProps): ReactElement {
  return (
    <div className="app-banner__facts">
      {allergies === undefined ? null : <AllergyLine {...allergies} />}
      {adjustments.length === 0 ? null : <Line label="Adjustments" values={adjustments} />}
      {alerts.length === 0 ? null : <Line label="Alerts" values={alerts} />}
      {allDetails === undefined ? null : (
        <p>
          <a href={allDetails}>All details</a>
        </p>
      )}
    </div>
  )
}

const Line = ({ label, values }: { label: string; values: readonly string[] }): ReactElement => (
  <p>
    <span className="app-banner__label">{label}</span> <strong>{shortened(values)}</strong>
  </p>
)

function AllergyLine(props: AllergyState): ReactElement {
  switch (props.state) {
    case 'listed':
      return (
        <p className="app-banner__allergies">
          <svg aria-hidden="true" width="20" height="20" viewBox="0 0 20 20" focusable="false">
            <path d="M10 1 19 18H1z" fill="#ffb81c" stroke="#212b32" strokeWidth="1.5" />
            <path d="M10 7v5M10 14v2" stroke="#212b32" strokeWidth="2" />
          </svg>
          <span className="app-banner__label">Allergies</span> <strong>{props.allergies.join(', ')}</strong>
        </p>
      )
    case 'none-known':
      return (
        <p>
          <strong>No known allergies</strong> (recorded {props.recorded})
        </p>
      )
    case 'not-recorded':
      return (
        <p>
          <strong>Allergies not recorded</strong>
        </p>
      )
    case 'unavailable':
      return (
        <p>
          <strong>Allergies unavailable</strong>
        </p>
      )
  }
}

/** Two, then how many more: the rest is one press away under "All details". Allergies are never shortened. */
const shortened = (values: readonly string[]): string =>
  values.length <= 3 ? values.join(', ') : `${values.slice(0, 2).join(', ')}, ${values.length - 2} more`
