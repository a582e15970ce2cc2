import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf, messages, type MessageField } from './message-table.ts'

const SCALARS = new Set(['string', 'bool', 'int32', 'int64', 'bytes', 'Time', 'IntOrString', 'JSON', 'RawExtension'])
SCALARS.add('FieldsV1')

test('every field names a known type and a number of its own', () => {
  const problems: string[] = []
  for (const name of Object.keys(messages)) {
    const numbers = new Set<number>()
    const fields: [string, MessageField][] = Object.entries(fieldsOf(name) ?? {})
    assert.ok(fields.length > 0, name)
    for (const [field, { number, type }] of fields) {
      if (!SCALARS.has(type) && fieldsOf(type) === undefined) problems.push(`${name}.${field}: unknown type ${type}`)
      if (numbers.has(number)) problems.push(`${name}.${field}: number ${number} twice`)
      numbers.add(number)
    }
  }

  assert.deepEqual(problems, [])
})

test('a name that every object inherits is no message', () => {
  assert.equal(fieldsOf('constructor'), undefined)
})
