// What `capstan install|uninstall` does: renders the chart, puts it on the cluster of a context, and says how to go on.
import { systemClock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import type {
  Ask,
  ClusterFlags,
  InstallFlags,
  InstallTool,
  RedisPasswordFlags,
  UninstallFlags,
} from '../cli/install.ts'
import { install, makeRedisPassword, type InstallWish } from '../install/install.ts'
import { hasStatus, type InstallPlace } from '../install/place.ts'
import { readRecord } from '../install/record.ts'
import { planUninstall, uninstall, type UninstallPlan } from '../install/uninstall.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import { fieldAt, textAt } from '../kube/field.ts'
import type { JsonObject } from '../kube/object.ts'
import { installObjects, installText, installValues } from './install-chart.ts'

export function installTool(signal: AbortSignal): InstallTool {
  return {
    install: (flags) => (flags.output === 'yaml' ? printManifests(flags) : runInstall(flags, signal)),
    uninstall: (flags, ask) => runUninstall(flags, signal, ask),
    redisPassword: (flags) => runRedisPassword(flags, signal),
  }
}

async function printManifests(flags: InstallFlags): Promise<void> {
  const values = withPrefix(flags, await installValues(flags, {}))
  const includeCrds = flags.skipCrds !== true
  process.stdout.write(await installText({ namespace: flags.namespace, values, includeCrds }))
}

async function runInstall(flags: InstallFlags, signal: AbortSignal): Promise<void> {
  try {
    await installOn(flags, signal)
  } catch (error) {
    if (!hasStatus(error, 403)) throw error
    const advice = 'who installs needs the right to make it and all rights that it gives: cluster-admin has them'
    throw new CapstanError('forbidden', `${messageOf(error)}; ${advice}`, { cause: error })
  }
}

async function installOn(flags: InstallFlags, signal: AbortSignal): Promise<void> {
  await onCluster(flags, signal, async (place, cluster) => {
    const wish = await wishOf(flags, place)
    place.say(`${wish.before === undefined ? 'Installing' : 'Upgrading'} in namespace ${place.namespace} of ${cluster}`)
    const isDryRun = flags.dryRun === true
    await install({ ...place, isDryRun }, wish)
    if (isDryRun) return
    for (const line of nextSteps(flags, wish.values)) place.say(line)
    if (await isSimulated(place))
      place.say('The nodes of this cluster are simulated: pods run nothing. "capstan up" does.')
  })
}

async function wishOf(flags: InstallFlags, place: InstallPlace): Promise<InstallWish> {
  const { gitVersion } = await place.client.serverVersion(place.signal)
  const before = await readRecord(place)
  const told = await installValues(flags, flags.resetValues === true ? {} : (before?.values ?? {}))
  if (textAt(told, 'image') === '') {
    const why = 'no image is known to run: name it with --image'
    throw new CapstanError('bad-input', `${why}; deploy/image/Containerfile builds one`)
  }
  const values = withPrefix(flags, told)
  const objects = await installObjects({
    namespace: flags.namespace,
    values,
    includeCrds: flags.skipCrds !== true,
    kubeVersion: gitVersion,
  })
  return {
    objects,
    values,
    before,
    isTakeOver: flags.takeOver === true,
    isBeside: (values['namePrefix'] ?? ORIGINAL_PREFIX) !== ORIGINAL_PREFIX,
    redisSecret: redisSecretOf(values),
    waitMs: flags.wait === false ? undefined : flags.timeout * 1000,
  }
}

/** Beside the workloads of an Argo CD that wait to be given everything back. */
function withPrefix({ takeOver }: InstallFlags, values: JsonObject): JsonObject {
  return takeOver === true && values['namePrefix'] === undefined ? { ...values, namePrefix: 'capstan' } : values
}

/** As Argo CD's install names its workloads. */
const ORIGINAL_PREFIX = 'argocd'

/** Whether it is the embedded cluster, whose nodes say so; who may not look at nodes is told nothing. */
async function isSimulated({ client, signal }: InstallPlace): Promise<boolean> {
  try {
    const type = await client.resourceOf({ group: '', kind: 'Node' }, signal)
    const { items } = type === undefined ? { items: [] } : await client.list(type, { signal })
    return items.some(({ metadata }) => metadata.annotations?.['capstan.dev/simulated'] === 'true')
  } catch (error) {
    if (hasStatus(error, 403)) return false
    throw error
  }
}

/** Of a Redis that the installation makes. */
function redisSecretOf(values: JsonObject): string | undefined {
  if (values['roles'] !== 'apart' || textAt(values, 'redis', 'address') !== '') return undefined
  return textAt(values, 'redis', 'passwordSecret') || 'argocd-redis'
}

function nextSteps({ namespace, wait }: InstallFlags, values: JsonObject): readonly string[] {
  const url = addressOf(values)
  const isPlain = isInsecure(values)
  const kubectl = `kubectl -n ${namespace}`
  const server = url ?? '127.0.0.1:8080'
  const how = url === undefined ? (isPlain ? ' --plaintext' : ' --insecure') : ' --grpc-web'
  return [
    wait === false ? 'Not waited for: running it again does.' : 'Capstan is ready. Log in:',
    ...(url === undefined ? [`  ${kubectl} port-forward service/argocd-server 8080:${isPlain ? 80 : 443}`] : []),
    `  ${kubectl} get secret argocd-initial-admin-secret -o jsonpath={.data.password} | base64 -d`,
    `  argocd login ${server} --username admin${how}`,
    '  argocd app create guestbook --repo https://github.com/argoproj/argocd-example-apps.git --path guestbook \\',
    '    --dest-server https://kubernetes.default.svc --dest-namespace guestbook --sync-option CreateNamespace=true',
    '  argocd app sync guestbook',
  ]
}

/** Where people reach it from outside; undefined: through a port-forward. */
function addressOf(values: JsonObject): string | undefined {
  const named = /^https?:\/\/(?<host>[^/]+)/.exec(textAt(values, 'url'))?.groups?.['host']
  const host = fieldAt(values, 'ingress', 'enabled') === true ? textAt(values, 'ingress', 'host') : ''
  return named ?? (host === '' ? undefined : host)
}

function isInsecure(values: JsonObject): boolean {
  return fieldAt(values, 'server', 'insecure') === true
}

/** Upstream's command does the same (argo-cd v3.5.1 `argocd admin redis-initial-password`). */
async function runRedisPassword(flags: RedisPasswordFlags, signal: AbortSignal): Promise<void> {
  await onCluster(flags, signal, async (place) => {
    const isMade = await makeRedisPassword(place, flags.secret)
    place.say(`Secret ${flags.secret} in namespace ${flags.namespace} ${isMade ? 'created' : 'exists'}`)
  })
}

async function runUninstall(flags: UninstallFlags, signal: AbortSignal, ask: Ask): Promise<void> {
  await onCluster(flags, signal, async (place, cluster) => {
    const plan = await planUninstall(place)
    if (flags.yes !== true) {
      const answer = await ask(questionOf(flags, plan, cluster))
      if (!/^y(?:es)?$/i.test(answer.trim())) throw new CapstanError('precondition', 'nothing was removed')
    }
    await uninstall(place, plan, {
      deletesCrds: flags.deleteCrds === true,
      deletesNamespace: flags.deleteNamespace === true,
      givesBack: flags.giveBack === true,
    })
    for (const line of leftLines(flags, plan)) place.say(line)
  })
}

function questionOf(flags: UninstallFlags, { applications }: UninstallPlan, cluster: string): string {
  const count = [...applications.values()].reduce((sum, one) => sum + one, 0)
  const own = applications.get(flags.namespace) ?? 0
  const goes =
    flags.deleteCrds === true
      ? `${count} Applications are deleted`
      : flags.deleteNamespace === true
        ? `${own} Applications are deleted with the namespace`
        : `${count} Applications are kept`
  return `Remove Capstan from namespace ${flags.namespace} of ${cluster}? ${goes}; what they delivered stays.`
}

function leftLines(
  { namespace, deleteCrds, deleteNamespace, giveBack }: UninstallFlags,
  { record }: UninstallPlan,
): readonly string[] {
  const isWaiting = record.stopped.length > 0 && giveBack !== true
  return [
    ...(deleteCrds === true || deleteNamespace === true
      ? []
      : [
          `Kept: Applications, projects, settings and credentials in namespace ${namespace}, and all that was delivered.`,
        ]),
    ...(isWaiting ? ["Argo CD's workloads are still scaled to zero; --give-back would have started them."] : []),
  ]
}

async function onCluster(
  { kubeconfig, context, namespace }: ClusterFlags,
  signal: AbortSignal,
  work: (place: InstallPlace, cluster: string) => Promise<void>,
): Promise<void> {
  const loaded = await loadKubeConfig({
    env: process.env,
    ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  })
  const client = createClient(httpTransport(loaded.transport), { clock: systemClock })
  const say = (line: string): void => console.log(line)
  try {
    const place = { client, namespace, clock: systemClock, signal, say, isDryRun: false }
    await work(place, `context ${loaded.context} (${loaded.transport.server})`)
  } finally {
    await client.close()
  }
}
