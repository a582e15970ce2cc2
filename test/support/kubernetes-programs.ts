// The real kube-controller-manager and kube-scheduler from .peers/bin on any cluster, and what their logs complain about.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startProgram, type Served } from './processes.ts'
import { peer } from './real-cluster.ts'

/** Short enough to see a lease pass on within a test, long enough to outlast a restart of the server. */
const LEASE = [
  '--leader-elect=true',
  '--leader-elect-lease-duration=8s',
  '--leader-elect-renew-deadline=6s',
  '--leader-elect-retry-period=1s',
]
const IS_LEADER = /successfully acquired lease/i

/** Starts the controllers and waits until they hold the lease; ended with the test. */
export function startControllerManager(
  t: TestContext,
  options: { readonly kubeconfig: string; readonly folder: string; readonly flags?: readonly string[] },
): Promise<Served> {
  const { kubeconfig, folder, flags = [] } = options
  const key = join(folder, 'service-account.key')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  const authority = join(folder, 'ca.pem')
  writeFileSync(authority, authorityOf(kubeconfig))
  const files = [
    `--service-account-private-key-file=${key}`,
    `--root-ca-file=${authority}`,
    // The default is a folder of the machine, which it would make.
    `--flex-volume-plugin-dir=${join(folder, 'volume-plugins')}`,
  ]
  return startProgram(
    t,
    [peer('kube-controller-manager'), ...access(kubeconfig), ...LEASE, ...files, ...flags],
    IS_LEADER,
  )
}

/** Starts the scheduler and waits until it holds the lease; ended with the test. */
export function startScheduler(t: TestContext, kubeconfig: string): Promise<Served> {
  return startProgram(t, [peer('kube-scheduler'), ...access(kubeconfig), ...LEASE], IS_LEADER)
}

/** The client's credentials, and no port of its own. */
function access(kubeconfig: string): readonly string[] {
  const flags = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig']
  return [...flags.map((flag) => `--${flag}=${kubeconfig}`), '--secure-port=0']
}

function authorityOf(kubeconfig: string): Buffer {
  const found = /certificate-authority-data"?: *"?(?<data>[\w+/=]+)/.exec(readFileSync(kubeconfig, 'utf8'))
  return Buffer.from(found?.groups?.['data'] ?? '', 'base64')
}

/** Warnings and errors of a log that no pattern allows, each once, without its time and place. */
export function complaintsOf(log: string, allowed: readonly RegExp[]): readonly string[] {
  const complaints = log
    .split('\n')
    .filter((line) => /^[EWF]\d{4} /.test(line) && !allowed.some((pattern) => pattern.test(line)))
    .map((line) => line.replace(/^(?<level>[EWF])\d{4} \S+ +\d+ /, '$<level> '))
  return [...new Set(complaints)]
}
