// Real Helm, 4 and 3, tells the same of the releases of a chart on the embedded cluster as on a real kube-apiserver.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { temporaryFolder } from '../support/git.ts'
import { normalise } from '../support/kubectl.ts'
import { run } from '../support/processes.ts'
import { peer } from '../support/real-cluster.ts'
import { startEmbedded, startReal } from '../support/two-clusters.ts'

const TIMEOUT_MS = 150_000
const CHART = join(import.meta.dirname, 'testdata/shop')

interface Step {
  /** `CHART`, `WAIT` and `ATOMIC` (roll back where it fails) stand for what each Helm calls them. */
  readonly words: string
  /** Exit code. Default 0. */
  readonly code?: number
  readonly program?: 'kubectl'
  /** Whether Helm tells its parts in any order. */
  readonly isUnordered?: true
}

const RELEASE = 's CHART -n shop WAIT --timeout 40s'
const OBJECTS = 'get deployments,services,configmaps,jobs,carts -n shop -o name'
const CONFIG = 'get configmap s-conf -n shop -o jsonpath={.data}'

/** In order; each builds on those before it. */
const STEPS: readonly Step[] = [
  { words: 'create namespace shop', program: 'kubectl' },
  { words: `install ${RELEASE}` },
  { words: 'list -n shop' },
  { words: 'status s -n shop', isUnordered: true },
  { words: 'get manifest s -n shop' },
  { words: 'get values s -n shop --all' },
  { words: 'get hooks s -n shop' },
  { words: 'get notes s -n shop' },
  { words: 'get metadata s -n shop' },
  { words: 'test s -n shop' },
  { words: OBJECTS, program: 'kubectl' },
  { words: `install ${RELEASE}`, code: 1 },
  { words: `upgrade ${RELEASE} --set color=green,replicas=2` },
  { words: CONFIG, program: 'kubectl' },
  { words: `upgrade ${RELEASE} --set bad=true`, code: 1 },
  { words: `upgrade ${RELEASE} --set failHook=true`, code: 1 },
  { words: `upgrade ${RELEASE} --set failHook=true ATOMIC`, code: 1 },
  { words: 'history s -n shop' },
  { words: 'rollback s 1 -n shop WAIT --timeout 40s' },
  { words: 'history s -n shop' },
  { words: CONFIG, program: 'kubectl' },
  { words: `upgrade ${RELEASE} --reuse-values --set image=nginx:1.30 --dry-run=server` },
  { words: 'install f CHART -n shop --set failHook=true ATOMIC WAIT --timeout 40s', code: 1 },
  { words: 'get secrets -n shop -l owner=helm', program: 'kubectl' },
  { words: 'uninstall s -n shop WAIT --timeout 40s --keep-history' },
  { words: 'uninstall s -n shop' },
  { words: 'status s -n shop', code: 1 },
  { words: OBJECTS, program: 'kubectl' },
  { words: 'upgrade --install two CHART -n shop2 --create-namespace' },
  { words: 'upgrade --install three CHART -n shop2 --no-hooks --wait --timeout 40s' },
  { words: 'list -A' },
  { words: 'uninstall two -n shop2 --cascade foreground WAIT' },
  { words: 'template CHART --show-only templates/all.yaml --validate' },
]

/** Times as Helm tells them, and those of its labels. */
const HELM_TIME =
  /[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}|(?<=DEPLOYED_AT: )\S+|(?<=modifiedAt=)\d+|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \w+/g

/** Helm 4.2.1's own way to wait takes a hook that is gone already for one still to be watched, until the time is up, on every server. */
const FLAGS = {
  helm: { atomic: '--rollback-on-failure', wait: '--wait=legacy' },
  helm3: { atomic: '--atomic', wait: '--wait' },
} as const

/** The columns of tables are as wide as the times in them, whose fractions of a second are not. */
function withoutColumns(words: string, output: string): string {
  return /^(?:list|history) /.test(words) ? output.replaceAll(/[ \t]+/g, ' ') : output
}

async function tell(t: TestContext, helm: 'helm' | 'helm3', kubeconfig: string): Promise<readonly string[]> {
  const env = { HOME: temporaryFolder(t), KUBECONFIG: kubeconfig }
  const flags = FLAGS[helm]
  const told: string[] = []
  for (const { words, code = 0, program = helm, isUnordered } of STEPS) {
    const args = words.replace('CHART', CHART).replace('ATOMIC', flags.atomic).replace('WAIT', flags.wait).split(' ')
    const { code: ended, stdout, stderr } = await run(peer(program), args, { env })
    const surprise = ended === code ? '' : ` (expected ${code})`
    const output = withoutColumns(words, normalise((stdout + stderr).replaceAll(HELM_TIME, 'TIME')))
    const shown = isUnordered === true ? output.split('\n').toSorted().join('\n') : output
    told.push(`$ ${program} ${words}\nexit ${ended}${surprise}\n${shown}`)
  }
  return told
}

describe('helm releases', { timeout: 2 * TIMEOUT_MS }, () => {
  for (const helm of ['helm', 'helm3'] as const) {
    test(
      `${helm}: install, upgrade, failed hooks, rollback, uninstall: both clusters answer alike`,
      { timeout: TIMEOUT_MS },
      async (t) => {
        const [ours, theirs] = await Promise.all([
          startEmbedded(t).then((file) => tell(t, helm, file)),
          startReal(t).then((file) => tell(t, helm, file)),
        ])

        assert.deepEqual(
          theirs.filter((step) => step.includes(' (expected ')),
          [],
        )
        assert.deepEqual(ours, theirs)
      },
    )
  }
})
