// Credentials are for the images of their host and path, and for no others that look like them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseImageReference } from './image-reference.ts'
import { servesImage } from './serves-image.ts'

for (const [address, image, isServed] of [
  ['a.io', 'a.io/x:1', true],
  // Keys of docker configs are compared letter by letter.
  ['a.io', 'A.io/x', false],
  ['a.io', 'a.io:443/x', false],
  ['a.io:5000', 'a.io:5000/x', true],
  ['a.io/team', 'a.io/team/app', true],
  ['a.io/team/app', 'a.io/team/app@sha256:' + '0'.repeat(64), true],
  ['a.io/team', 'a.io/teamx/app', false],
  ['docker.io', 'nginx', true],
  ['docker.io/library', 'nginx', true],
  ['docker.io/team', 'nginx', false],
] as const) {
  test(`[000-05] ${address} is ${isServed ? '' : 'not '}for ${image}`, () => {
    assert.equal(servesImage(address, parseImageReference(image)), isServed)
  })
}
