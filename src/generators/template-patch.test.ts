// Tests of patches of generated Applications.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseApplication } from '../crds/application.ts'
import { applyTemplatePatch } from './template-patch.ts'

test('a patch is JSON, indented by tabs if need be, or YAML', () => {
  const application = parseApplication({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web' },
    spec: { project: 'default', destination: { namespace: 'web' } },
  })
  const patches = [
    '{\n\t\t"metadata": {\n\t\t\t"annotations": {"a": "b"}\n\t\t}\n\t}\n\t',
    'metadata:\n  annotations:\n    a: b\n',
  ]

  for (const patch of patches) {
    assert.deepEqual(applyTemplatePatch(application, patch).metadata.annotations, { a: 'b' })
  }
})
