// Tests of what is known of images.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knownImage } from './known-images.ts'

test('an image is known by its repository, whatever its tag or digest', () => {
  const repository = 'quay.io/argoprojlabs/argocd-e2e-container'
  const images = [repository, `${repository}:0.2`, `${repository}:0.2@sha256:ab`, `${repository}-other`, undefined]

  assert.deepEqual(
    images.map((image) => knownImage(image)?.listens),
    [false, false, false, undefined, undefined],
  )
})
