import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { capabilityStatement } from '../../src/kernel/rest/capability-statement.ts'
import { openApi } from '../../src/kernel/rest/openapi.ts'
import { draftOf } from '../../src/kernel/store/draft.ts'
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
  assert.equal(draftOf(capabilityStatement(base, strictReferences)).type, 'CapabilityStatement')
})
