// Tests the words of kustomize.buildOptions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_OPTIONS_LENGTH, parseBuildFlags } from './build-flags.ts'

test('flags of kustomize build that mean something here are read in both forms', () => {
  assert.deepEqual(parseBuildFlags(''), {})
  assert.deepEqual(parseBuildFlags('  --enable-helm   --load-restrictor LoadRestrictionsNone '), {
    enableHelm: true,
    unrestricted: true,
  })
  assert.deepEqual(parseBuildFlags('--enable-helm=false --load-restrictor=LoadRestrictionsRootOnly --reorder none'), {
    enableHelm: false,
    unrestricted: false,
    defaultOrder: 'fifo',
  })
  assert.deepEqual(parseBuildFlags('--enable-managedby-label --helm-command helm3 --enable-alpha-plugins'), {
    managedByLabel: true,
  })
})

test('what runs programs, what kustomize does not know and what it refuses is an error', () => {
  assert.throws(() => parseBuildFlags('--enable-exec'), { code: 'unsupported' })
  assert.throws(() => parseBuildFlags('--network'), { code: 'unsupported', message: /KRM functions are not run/ })
  assert.throws(() => parseBuildFlags('--nope x'), { message: /unknown flag: --nope/ })
  assert.throws(() => parseBuildFlags('--load-restrictor'), { message: /flag needs an argument: --load-restrictor/ })
  assert.throws(() => parseBuildFlags('--load-restrictor none'), {
    message: /illegal flag value --load-restrictor none/,
  })
  assert.throws(() => parseBuildFlags('--reorder upside-down'), { message: /illegal flag value/ })
  assert.throws(() => parseBuildFlags('--enable-helm=maybe'), { message: /invalid argument "maybe"/ })
  assert.throws(() => parseBuildFlags('x'.repeat(MAX_OPTIONS_LENGTH + 1)), { code: 'limit' })
})
