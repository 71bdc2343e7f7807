/** What generators are calibrated by. A published figure has its source in `published-figures.ts`; the rest are settings. */
export const figures = {
  /** Share of booked practice appointments that are missed. */
  practiceMissed: 0.045,
  /** Share of outpatient appointments that are missed. */
  clinicMissed: 0.065,
  /** Share of A&E attendances that end within four hours. */
  fourHours: 0.78,
  /** Share of urgent suspected cancer referrals told within 28 days, but for tests that come too late. */
  toldWithin28Days: 0.81,
  /** Share of cancers with a known stage that are stage 1 or 2. */
  earlyStage: 0.55,
  /** Share of urgent community responses within two hours. */
  urgentResponse: 0.74,
  /** Median days from referral to the first outpatient appointment. */
  firstAppointmentDays: 80,
  /** Share of treated people who may come back by themselves for a year. */
  patientInitiated: 0.05,
  /** Median days from the decision to admit to admission. */
  admissionDays: 175,
  /** Median days from order to a diagnostic test. */
  testDays: 12,
} as const
