import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { loadLua, type LuaMachine } from '../lang/lua/machine.ts'
import { assessHealth } from './assess.ts'
import { createScriptedHealth, type HealthScript } from './scripted.ts'

const service: KubeObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }

const answers: readonly (readonly [says: string, script: string, status: string | undefined, message?: string])[] = [
  ['what it returns', 'return { status = "Degraded", message = obj.metadata.name }', 'Degraded', 'web'],
  ['no message is none', 'return { status = "Suspended" }', 'Suspended'],
  ['nothing is no health', 'local hs = {}', undefined],
  ['an empty table is no health', 'return {}', undefined],
  ['an unknown status', 'return { status = "Great" }', 'Unknown', 'Lua returned an invalid health status'],
  ['a status in a list', 'return { "Healthy" }', 'Unknown', 'Lua returned an invalid health status'],
  ['another type', 'return "Healthy"', 'Unknown', 'expect table output from Lua script, not string'],
  ['a broken script', 'return {', 'Unknown', '<string>:1: unexpected symbol near <eof>'],
  ['a script that fails', 'return obj.spec.x', 'Unknown', "<string>:1: attempt to index a nil value (field 'spec')"],
  ['a script without end', 'while true do end', 'Unknown', 'the script ran longer than 50 ms'],
]

describe('health by a script of the user', () => {
  let lua: LuaMachine
  before(async () => {
    lua = await loadLua({ timeLimitMs: 50 })
  })
  after(() => lua.close())

  for (const [says, healthLua, status, message] of answers) {
    test(says, () => {
      const health = assessHealth(service, createScriptedHealth([{ group: '', kind: 'Service', healthLua }], lua))
      assert.deepEqual([health?.status, health?.message], [status, message])
    })
  }

  test('the very kind goes before globs, and those go before the built-in rule', () => {
    const scripts: readonly HealthScript[] = [
      { group: '*.example.org', kind: '*', healthLua: 'return { status = "Healthy", message = "glob" }' },
      { group: 'a.example.org', kind: 'Thing', healthLua: 'return { status = "Healthy", message = "exact" }' },
      { group: 'apps', kind: 'Deployment', healthLua: '' },
    ]
    const assess = createScriptedHealth(scripts, lua)
    const of = (apiVersion: string, kind: string): unknown => assess({ apiVersion, kind, metadata: {} })
    assert.deepEqual(of('a.example.org/v1', 'Thing'), { status: 'Healthy', message: 'exact' })
    assert.deepEqual(of('a.example.org/v1', 'Other'), { status: 'Healthy', message: 'glob' })
    assert.equal(of('apps/v1', 'Deployment'), undefined)
  })

  test('until Lua is there the health of a kind with a script is Unknown, of others their own', () => {
    const assess = createScriptedHealth([{ group: '', kind: 'Service', healthLua: 'return nil' }], undefined)
    assert.deepEqual(assess(service), { status: 'Unknown', message: 'Lua is being loaded' })
    assert.equal(assess({ apiVersion: 'v1', kind: 'Pod', metadata: {} }), undefined)
  })
})
