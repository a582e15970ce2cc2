// Runs the command of a Deployment's pod on this machine, as the ServiceAccount of that pod and with its variables.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { temporaryFolder } from './git.ts'
import { kubectlFor } from './kubectl.ts'
import { startCapstan, type Served } from './processes.ts'

export interface PodCommand {
  /** Of an administrator. */
  readonly kubeconfig: string
  readonly namespace: string
  readonly deployment: string
  /** What it prints when it is ready. */
  readonly ready: RegExp
}

interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly secretKeyRef?: KeyRef
    readonly configMapKeyRef?: KeyRef
    readonly fieldRef?: { readonly fieldPath: string }
  }
}

interface KeyRef {
  readonly name: string
  readonly key: string
  readonly optional?: boolean
}

interface Pod {
  readonly serviceAccountName: string
  readonly containers: readonly { readonly args: readonly string[]; readonly env: readonly Variable[] }[]
}

type Get = (what: string) => Promise<unknown>

/** The first container of its pods; folders, address and ports are this machine's. Ended with the test at the latest. */
export async function startPodCommand(t: TestContext, command: PodCommand): Promise<Served> {
  const { kubeconfig, namespace, deployment, ready } = command
  const kubectl = kubectlFor(t, kubeconfig, '')
  const get: Get = async (what) => {
    const { code, stdout, stderr } = await kubectl.run(`get ${what} -n ${namespace} -o json --ignore-not-found`)
    assert.equal(code, 0, stderr)
    return stdout === '' ? undefined : JSON.parse(stdout)
  }
  const found = (await get(`deployment/${deployment}`)) as {
    readonly spec: { readonly template: { readonly spec: Pod } }
  } // as the API server gives it
  const { serviceAccountName, containers } = found.spec.template.spec
  const { code, stdout: token, stderr } = await kubectl.run(`create token ${serviceAccountName} -n ${namespace}`)
  assert.equal(code, 0, stderr)
  const home = temporaryFolder(t)
  const own = join(home, 'kubeconfig')
  writeFileSync(own, asUser(kubeconfig, token.trim()), { mode: 0o600 })
  const [container = { args: [], env: [] }] = containers
  const env = { ...(await variables(container.env, get, deployment)), KUBECONFIG: own, HOME: home }
  const served = await startCapstan(t, container.args.map(localFlag(home)), ready, { env })
  t.after(() => {
    if (!t.passed) t.diagnostic(`${deployment}:\n${served.output().slice(-6000)}`)
  })
  return served
}

function localFlag(home: string): (flag: string) => string {
  const local = new Map([
    ['--data-dir', join(home, 'data')],
    ['--address', '127.0.0.1'],
    ['--port', '0'],
    ['--metrics-port', '0'],
  ])
  return (flag) => {
    const [name = '', value] = flag.split('=', 2)
    return value === undefined ? flag : `${name}=${local.get(name) ?? value}`
  }
}

/** As the kubelet fills them in. */
async function variables(
  wanted: readonly Variable[],
  get: Get,
  pod: string,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const { name, value, valueFrom } of wanted) {
    const text = value ?? (valueFrom?.fieldRef === undefined ? await keyOf(valueFrom, get) : pod)
    if (text !== undefined) found[name] = text
  }
  return found
}

async function keyOf(from: Variable['valueFrom'], get: Get): Promise<string | undefined> {
  const kind = from?.secretKeyRef === undefined ? 'configmap' : 'secret'
  const ref = from?.secretKeyRef ?? from?.configMapKeyRef
  assert.ok(ref)
  const object = (await get(`${kind}/${ref.name}`)) as { readonly data?: Readonly<Record<string, string>> } | undefined // as above
  const text = object?.data?.[ref.key]
  if (text === undefined) assert.ok(ref.optional === true, `${kind} ${ref.name} has no ${ref.key}`)
  return text === undefined || kind === 'configmap' ? text : Buffer.from(text, 'base64').toString('utf8')
}

/** The same cluster with a token alone. */
function asUser(kubeconfig: string, token: string): string {
  const config = parseYaml(readFileSync(kubeconfig, 'utf8')) as unknown as {
    readonly clusters: readonly [{ readonly name: string }]
  } // a kubeconfig
  const [cluster] = config.clusters
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'pod',
    clusters: [cluster],
    users: [{ name: 'pod', user: { token } }],
    contexts: [{ name: 'pod', context: { cluster: cluster.name, user: 'pod' } }],
  })
}
