import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationPlaces } from './application-places.ts'

describe('the places of an Application', () => {
  const server = 'https://c'
  const uses = { server, images: new Map([['web', new Set(['r.io/app'])]]), stuck: [] }

  test('are all looked at when it moves to another project, those of a sync under way too', () => {
    const places = new ApplicationPlaces()
    places.put('argocd/a', 'one', uses)
    places.claim('argocd/a', {
      project: 'one',
      place: { server, namespace: 'next' },
      images: ['r.io/app'],
      nowMs: 0,
    })

    assert.deepEqual(places.put('argocd/a', 'one', uses), [])
    assert.deepEqual(places.put('argocd/a', 'two', uses), [
      { server, namespace: 'web' },
      { server, namespace: 'next' },
    ])
    assert.equal(places.put('argocd/a', 'three', undefined).length, 2)
    assert.deepEqual(
      places.usesAt({ server, namespace: 'next' }).map(({ project }) => project),
      ['three'],
    )
  })
})
