/** Where in a resource a value lies, as a chain to its root: text is made only for what is reported. */
export interface Place {
  readonly up?: Place
  readonly step: string
  readonly index?: number
}

/** A value of a resource with its type and place. */
export interface Item {
  readonly value: unknown
  /** The object beside a primitive (`_birthDate`), with its id and extensions. */
  readonly extras?: unknown
  /** R4 type: `HumanName`, `Patient.contact`, `string`; the resourceType of a resource. */
  readonly type: string
  readonly place: Place
}

/** The place as a FHIRPath. */
export function pathOf(place: Place): string {
  const own = place.index === undefined ? place.step : `${place.step}[${place.index}]`
  return place.up === undefined ? own : `${pathOf(place.up)}.${own}`
}
