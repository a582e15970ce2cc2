// Deep links as argocd-cm holds them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { MAX_DEEP_LINKS, parseDeepLinks } from './deep-links.ts'

function configMap(text?: string): KubeObject {
  const data = text === undefined ? {} : { 'application.links': text }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data } as KubeObject
}

describe('deep links', () => {
  test('are read with all they may have', () => {
    const text = '- {url: u, title: T, description: d, icon.class: fa-x, if: "a == b"}\n- {url: v, title: S}\n'
    assert.deepEqual(parseDeepLinks(configMap(text), 'application.links'), [
      { url: 'u', title: 'T', description: 'd', iconClass: 'fa-x', condition: 'a == b' },
      { url: 'v', title: 'S' },
    ])
  })

  test('are none where there is no map or no key', () => {
    assert.deepEqual(parseDeepLinks(undefined, 'application.links'), [])
    assert.deepEqual(parseDeepLinks(configMap(), 'application.links'), [])
  })

  const prefix = /^failed to read application deep links from configmap: error unmarshalling deep links /
  for (const [name, text] of [
    ['what is not YAML', '- {'],
    ['what is no list', 'url: x'],
    ['a field of another type', '- {url: [x]}'],
    ['more than a menu holds', '- {}\n'.repeat(MAX_DEEP_LINKS + 1)],
  ] as const) {
    test(`${name} is refused`, () => {
      assert.throws(() => parseDeepLinks(configMap(text), 'application.links'), { message: prefix })
    })
  }
})
