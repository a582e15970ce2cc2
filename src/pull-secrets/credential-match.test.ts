// Which registered credentials an image is pulled with, the most exact first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMatcher } from './credential-match.ts'

const match = createMatcher(
  ['r.io', 'r.io/team', 'https://index.docker.io/v1/', '*.corp.io', 'h:5000'].map((address) => ({
    id: address,
    address,
  })),
)

const CASES: readonly (readonly [image: string, ...ids: string[]])[] = [
  ['r.io/app:1', 'r.io'],
  ['r.io/team/app@sha256:'.concat('a'.repeat(64)), 'r.io/team', 'r.io'],
  ['nginx', 'https://index.docker.io/v1/'],
  ['team/app', 'https://index.docker.io/v1/'],
  ['index.docker.io/team/app', 'https://index.docker.io/v1/'],
  ['a.corp.io/app', '*.corp.io'],
  ['a.b.corp.io/app'],
  ['h:5000/app', 'h:5000'],
  ['h:5001/app'],
  // The kubelet would offer Docker Hub's credential here; nothing of ours is sent for it.
  ['localhost/app'],
  ['other.io/app'],
  ['Not An Image'],
  [''],
]
for (const [image, ...ids] of CASES) {
  test(`[000-12] ${JSON.stringify(image.slice(0, 40))} is pulled with ${ids.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      match(image).map(({ id }) => id),
      ids,
    )
  })
}
