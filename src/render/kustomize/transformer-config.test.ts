// Merging field specs: the short ways are those of the merge itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_CONFIG, EMPTY_CONFIG, mergeConfigs, mergedConfigs } from './transformer-config.ts'

test('what is known of merging the defaults is what merging them gives', () => {
  const own = mergeConfigs(EMPTY_CONFIG, DEFAULT_CONFIG)

  assert.deepEqual(own, mergedConfigs(EMPTY_CONFIG, DEFAULT_CONFIG))
  assert.deepEqual(mergeConfigs(EMPTY_CONFIG, own), mergedConfigs(EMPTY_CONFIG, own))
  assert.deepEqual(mergeConfigs(own, DEFAULT_CONFIG), mergedConfigs(own, DEFAULT_CONFIG))
})
