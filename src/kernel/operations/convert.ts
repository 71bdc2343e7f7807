import { problem } from '../../base/problem.ts'
import { jsonAnswer } from '../rest/exchange.ts'
import type { FhirOperation } from '../rest/operation.ts'
import { givenParameters } from '../rest/parameters.ts'

/**
 * `$convert`: a resource in another format. Bodies are read from the format they came in and written in the one the caller
 * accepts for every interaction; what is left to do is to take one in, checked, and to hand it back.
 */
export const convert: FhirOperation = {
  name: 'convert',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-convert',
  levels: ['system'],
  affectsState: false,
  async run(_, invocation) {
    const { input } = givenParameters(invocation, { input: { type: 'Resource' } }, { bare: 'input' })
    if (input === undefined) throw problem('invalid', '"input" is the resource to convert', { expression: 'input' })
    return jsonAnswer(200, input.text)
  },
}
