// Tests what the page is told of an operator's choice.
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { createDefaultsAnswerer } from './page-defaults.ts'

async function answerOf(data: Readonly<Record<string, string>> | undefined): Promise<unknown> {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data: data ?? {} }
  const answer = createDefaultsAnswerer({ find: () => (data === undefined ? undefined : configMap) })
  let body = ''
  const response = {
    writeHead: () => response,
    end: (text: string) => {
      body = text
    },
  }
  // It reads nothing of the request, and of the response uses these two.
  await answer({} as IncomingMessage, response as unknown as ServerResponse)
  return JSON.parse(body)
}

test("tells theme and language of argocd-cm, and nothing where there is none or it isn't known", async () => {
  assert.deepEqual(await answerOf({ 'ui.theme': 'dark', 'ui.language': 'ko' }), { theme: 'dark', language: 'ko' })
  assert.deepEqual(await answerOf({ 'ui.theme': 'purple', 'ui.language': '' }), {})
  assert.deepEqual(await answerOf(undefined), {})
})
