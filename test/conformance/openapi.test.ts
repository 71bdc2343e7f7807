import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { checkStructure } from '../../src/kernel/fhir/structure.ts'
import { capabilityStatement } from '../../src/kernel/rest/capability-statement.ts'
import { openApi } from '../../src/kernel/rest/openapi.ts'
import { strictReferences } from '../../src/kernel/store/integrity.ts'

const base = 'https://example.org/fhir/R4'

test('the OpenAPI description is valid OpenAPI 3.1', async () => {
  const text = openApi(base, strictReferences).body ?? ''
  const validator = new Validator()
  const result = await validator.validate(JSON.parse(text))
  assert.deepEqual(result, { valid: true })
  assert.equal(validator.version, '3.1')
})

test('the OpenAPI description has every type and operation of the CapabilityStatement', () => {
  const { paths } = JSON.parse(openApi(base, strictReferences).body ?? '')
  const [rest] = JSON.parse(capabilityStatement(base, strictReferences)).rest
  for (const { type, operation = [] } of rest.resource) {
    assert.ok(paths[`/${type}/{id}`].patch, type)
    for (const { name } of operation) assert.ok(paths[`/${type}/$${name}`], `${type}/$${name}`)
  }
})

test('the CapabilityStatement is a well-formed resource', () => {
  // ViewDefinition is served as well, which the value set of R4's types cannot know: all else is right.
  const { issues } = checkStructure(JSON.parse(capabilityStatement(base, strictReferences)))
  assert.deepEqual(
    issues.filter(({ message }) => !message.startsWith('ViewDefinition is not in the value set')),
    [],
  )
})
