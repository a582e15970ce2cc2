// Comments that forges take, whatever the manifests hold.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApplicationChange, PreviewReport } from '../../preview/contract.ts'
import { MAX_COMMENT_LENGTH, previewMarkdown } from './markdown.ts'
import { previewText } from './text.ts'

function configMap(name: string, text: string): ApplicationChange {
  const after = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } }
  const key = { group: '', kind: 'ConfigMap', namespace: '', name }
  return { name, namespace: '', change: 'added', from: 'app.yaml', resources: [{ key, change: 'added', after }] }
}

function report(...applications: readonly ApplicationChange[]): PreviewReport {
  return { base: 'a'.repeat(40), head: 'b'.repeat(40), applications, unchanged: 3, problems: ['x.yaml: <b>bad</b>'] }
}

test('a comment folds each application, and nothing inside ends its fence or is HTML', () => {
  const text = previewMarkdown(report(configMap('web', 'a ```` b'), configMap('<img>', 'c')))

  assert.match(text, /^## Preview\n\n5 applications: 2 added, 3 unchanged \(`aaaaaaa`…`bbbbbbb`\)\n/)
  assert.match(text, /`{5}diff\n@@ -0,0 \+1,6 @@\n\+apiVersion: v1\n/)
  assert.match(text, /<summary><b>&lt;img&gt;<\/b> added/)
  assert.match(text, /- x.yaml: &lt;b&gt;bad&lt;\/b&gt;\n/)
})

test('a comment stays within the limit, and says how many are left out', () => {
  const large = Array.from({ length: 40 }, (_, index) => configMap(`app-${index}`, 'x'.repeat(4_000)))

  const text = previewMarkdown(report(...large))

  assert.ok(text.length <= MAX_COMMENT_LENGTH)
  const shown = text.match(/<details>/g)?.length ?? 0
  assert.ok(shown > 0)
  assert.match(text, new RegExp(`\\n${40 - shown} more would make this comment too long`))
})

test('a text names what failed and what could not be read', () => {
  const failed = { ...configMap('web', ''), change: 'failed', error: 'head: no such path', resources: [] } as const

  assert.equal(
    previewText(report(failed)),
    '===== web (failed; app.yaml)\nhead: no such path\n\n===== could not be read\nx.yaml: <b>bad</b>\n\n4 applications: 1 failed, 3 unchanged\n',
  )
})
