declare module '@lhncbc/ucum-lhc' {
  /** A parsed UCUM unit, as far as canonical values need it. */
  interface Unit {
    readonly magnitude_: number
    readonly dim_: { readonly dimVec_: readonly number[] | null } | null
    readonly cnv_: string | null
    readonly isArbitrary_: boolean
    readonly moleExp_: number
  }
  interface Utilities {
    getSpecifiedUnit(code: string, use: 'validate'): { readonly unit: Unit | null; readonly retMsg: readonly string[] }
  }
  const ucum: { readonly UcumLhcUtils: { getInstance(): Utilities } }
  export default ucum
}
