import type { CodeName } from '../codes.ts'

/** A treatment function with what people are referred for, and where. */
export interface Specialty {
  readonly code: string
  readonly name: string
  /** ODS codes of hospitals that offer it. */
  readonly providers: readonly string[]
  /** Referrals a thousand people and year, by age: under 18, 18–64, 65 and over. */
  readonly rates: readonly [number, number, number]
  /** Chance that treatment needs an admission. */
  readonly admitted: number
  /** Chance of a diagnostic test on the way. */
  readonly tested: number
  readonly tests: readonly CodeName[]
  readonly operations: readonly CodeName[]
  readonly reasons: readonly string[]
  /** Who only: the other sex is not referred. */
  readonly only?: 'female' | 'male'
}

const acute = ['ZT9', 'ZT7']
const surgical = ['ZT9', 'ZT7', 'ZT6', 'ZT5', 'ZT4']

/** Codes and names: NHS Data Dictionary, TREATMENT FUNCTION CODE; the list of waiting-lists.md. Rates are settings. */
export const specialties: readonly Specialty[] = [
  {
    code: '110',
    name: 'Trauma and Orthopaedic',
    providers: surgical,
    rates: [12, 38, 75],
    admitted: 0.44,
    tested: 0.45,
    tests: ['mri', 'ultrasound'],
    operations: ['kneeReplacement', 'hipReplacement'],
    reasons: ['Knee pain', 'Hip pain', 'Shoulder pain', 'Hand numbness'],
  },
  {
    code: '130',
    name: 'Ophthalmology',
    providers: surgical,
    rates: [8, 15, 95],
    admitted: 0.48,
    tested: 0.1,
    tests: ['ultrasound'],
    operations: ['cataractSurgery'],
    reasons: ['Clouded vision', 'Raised pressure in the eye', 'Floaters'],
  },
  {
    code: '120',
    name: 'Ear Nose and Throat',
    providers: acute,
    rates: [22, 24, 34],
    admitted: 0.18,
    tested: 0.3,
    tests: ['mri', 'ct'],
    operations: ['tonsils'],
    reasons: ['Hearing loss', 'Recurrent sore throat', 'Dizziness'],
  },
  {
    code: '100',
    name: 'General Surgery',
    providers: surgical,
    rates: [5, 24, 38],
    admitted: 0.5,
    tested: 0.45,
    tests: ['ultrasound', 'ct', 'colonoscopy'],
    operations: ['herniaRepair', 'gallbladder'],
    reasons: ['Lump in the groin', 'Pain after meals', 'Piles'],
  },
  {
    code: '301',
    name: 'Gastroenterology',
    providers: acute,
    rates: [4, 20, 30],
    admitted: 0.1,
    tested: 0.7,
    tests: ['gastroscopy', 'colonoscopy'],
    operations: [],
    reasons: ['Indigestion that does not settle', 'Change in bowel habit'],
  },
  {
    code: '320',
    name: 'Cardiology',
    providers: acute,
    rates: [3, 14, 60],
    admitted: 0.1,
    tested: 0.65,
    tests: ['echocardiogram'],
    operations: ['pacemaker'],
    reasons: ['Palpitations', 'Breathlessness on effort', 'Murmur'],
  },
  {
    code: '330',
    name: 'Dermatology',
    providers: [...acute, 'ZT5'],
    rates: [14, 24, 40],
    admitted: 0.04,
    tested: 0.02,
    tests: ['ultrasound'],
    operations: [],
    reasons: ['Changing mole', 'Eczema that does not settle', 'Rash'],
  },
  {
    code: '502',
    name: 'Gynaecology',
    providers: [...acute, 'ZT6', 'ZT5'],
    rates: [3, 52, 22],
    admitted: 0.2,
    tested: 0.5,
    tests: ['ultrasound', 'mri'],
    operations: [],
    reasons: ['Heavy periods', 'Pelvic pain', 'Prolapse'],
    only: 'female',
  },
  {
    code: '101',
    name: 'Urology',
    providers: acute,
    rates: [5, 16, 40],
    admitted: 0.22,
    tested: 0.5,
    tests: ['cystoscopy', 'ultrasound'],
    operations: [],
    reasons: ['Blood in the urine', 'Poor stream', 'Recurrent infection'],
  },
  {
    code: '400',
    name: 'Neurology',
    providers: acute,
    rates: [4, 14, 20],
    admitted: 0.03,
    tested: 0.55,
    tests: ['mri'],
    operations: [],
    reasons: ['Headaches', 'Numbness', 'Tremor'],
  },
  {
    code: '340',
    name: 'Respiratory Medicine',
    providers: acute,
    rates: [3, 9, 28],
    admitted: 0.04,
    tested: 0.5,
    tests: ['ct', 'chestXray'],
    operations: [],
    reasons: ['Cough that does not settle', 'Breathlessness', 'Sleep apnoea suspected'],
  },
  {
    code: '410',
    name: 'Rheumatology',
    providers: acute,
    rates: [2, 12, 20],
    admitted: 0.03,
    tested: 0.35,
    tests: ['ultrasound', 'boneScan'],
    operations: [],
    reasons: ['Swollen joints', 'Stiffness in the morning'],
  },
  {
    code: 'X04',
    name: 'Other - Paediatric Services',
    providers: acute,
    rates: [45, 0, 0],
    admitted: 0.05,
    tested: 0.2,
    tests: ['ultrasound'],
    operations: [],
    reasons: ['Slow growth', 'Recurrent chest infections', 'Allergy suspected'],
  },
]
