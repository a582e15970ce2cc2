import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areSubmodulesWanted, execTimeoutMs } from './tool-environment.ts'

for (const [text, expected] of [
  [undefined, undefined],
  ['', undefined],
  ['3m', 180_000],
  ['1m30s', 90_000],
  ['250ms', 250],
  ['90', undefined],
  ['soon', undefined],
  ['-1s', undefined],
  ['0s', undefined],
] as const) {
  test(`ARGOCD_EXEC_TIMEOUT=${text} is ${expected ?? 'the default'}`, () => {
    assert.equal(execTimeoutMs(text === undefined ? {} : { ARGOCD_EXEC_TIMEOUT: text }), expected)
  })
}

for (const [text, expected] of [
  [undefined, true],
  ['', true],
  ['true', true],
  ['no', true],
  ['false', false],
  ['F', false],
  ['0', false],
] as const) {
  test(`ARGOCD_GIT_MODULES_ENABLED=${text}: ${expected}`, () => {
    assert.equal(areSubmodulesWanted(text === undefined ? {} : { ARGOCD_GIT_MODULES_ENABLED: text }), expected)
  })
}
