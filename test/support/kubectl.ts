// The real kubectl against one cluster, with a home of its own, and its output with what always differs taken out.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './git.ts'
import { run, startProgram, type Finished, type Served } from './processes.ts'
import { peer } from './real-cluster.ts'

export interface Kubectl {
  /** Runs a command; `input` is what `-f -` reads. */
  run(words: string, input?: string): Promise<Finished>
  /** Starts one that goes on, and waits until its output matches. */
  start(words: string, ready: RegExp): Promise<Served>
}

/** `edit` replaces text by the sed script that the editor runs. */
export function kubectlFor(t: TestContext, kubeconfig: string, edit: string): Kubectl {
  const home = temporaryFolder(t)
  const editor = join(home, 'editor.sh')
  writeFileSync(editor, `#!/bin/sh\nsed -i '${edit}' "$1"\n`)
  chmodSync(editor, 0o700)
  const env = { HOME: home, KUBECONFIG: kubeconfig, KUBE_EDITOR: editor, KUBECACHEDIR: join(home, 'cache') }
  return {
    run: (words, input) => run(peer('kubectl'), wordsOf(words), { env, ...(input === undefined ? {} : { input }) }),
    start: (words, ready) => startProgram(t, [peer('kubectl'), ...wordsOf(words)], ready, { env }),
  }
}

/** Words between spaces; what stands in single quotes is one. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/'(?<quoted>[^']*)'|(?<word>\S+)/g)].map(
    ({ groups }) => groups?.['quoted'] ?? groups?.['word'] ?? '',
  )
}

/** In order: identities, times and addresses, which no two clusters share. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| [+-]\d{4})/g, 'TIME'],
  [/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'TIME'],
  [/(?<head>(?:resourceVersion|Resource Version)[\\": ]*)\d+/g, '$<head>RV'],
  [/(?<=containerd:\/\/)[0-9a-f]{64}/g, 'ID'],
  [/(?<=kube-api-access-)[0-9a-z]{5}/g, 'SUFFIX'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, 'ADDRESS'],
  [/\/tmp\/(?<side>LIVE|MERGED)-\d+/g, '/tmp/$<side>'],
  [/(?<name>\b(?:web|once)-[0-9a-z]{8,10})-[0-9a-z]{5}\b/g, '$<name>-POD'],
  [/\bonce-[0-9a-z]{5}\b/g, 'once-POD'],
  [/\bnode-[1-3]\b/g, 'NODE'],
  [/(?<= )\d+(?:s|ms|m\d*s?)(?= |$)/gm, 'AGE'],
]

/** What is left of an output to be compared: columns are as wide as their cells, so runs of spaces are one. */
export function normalise(text: string): string {
  let normal = text
  for (const [pattern, word] of VARYING) normal = normal.replaceAll(pattern, word)
  return normal.replaceAll(/ {2,}/g, ' ').replaceAll(/ +$/gm, '')
}
