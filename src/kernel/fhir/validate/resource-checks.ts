import type { Issue } from '../../../base/problem.ts'
import type { Item } from '../profiles/place.ts'
import { bundleChecks } from './bundle-checks.ts'
import {
  questionnaireChecks,
  searchParameterChecks,
  structureDefinitionChecks,
  valueSetChecks,
} from './definition-checks.ts'
import { measureChecks, measureReportChecks } from './measure-checks.ts'
import { questionnaireResponseChecks } from './questionnaire-response.ts'
import type { Surroundings } from './surroundings.ts'
import type { Validator } from './validator.ts'

/** Checks that belong to one resource type, beyond its definition. */
export type ResourceCheck = (item: Item, surroundings: Surroundings, validator: Validator) => readonly Issue[]

const checks: Readonly<Record<string, readonly ResourceCheck[]>> = {
  Bundle: [bundleChecks],
  Measure: [measureChecks],
  MeasureReport: [measureReportChecks],
  Questionnaire: [questionnaireChecks],
  QuestionnaireResponse: [questionnaireResponseChecks],
  SearchParameter: [searchParameterChecks],
  StructureDefinition: [structureDefinitionChecks],
  ValueSet: [valueSetChecks],
}

/** Everything that the checks of a resource's own type find. */
export const resourceChecks: ResourceCheck = (item, surroundings, validator) =>
  (checks[item.type] ?? []).flatMap((check) => check(item, surroundings, validator))
