declare module '@lhncbc/ucum-lhc' {
  interface UcumUtils {
    validateUnitString(unit: string): { readonly status: 'valid' | 'invalid' | 'error' }
    convertUnitTo(
      from: string,
      value: number,
      to: string,
    ): { readonly status: 'succeeded' | 'failed' | 'error'; readonly toVal: number | null }
  }
  export const UcumLhcUtils: { getInstance(): UcumUtils }
}
