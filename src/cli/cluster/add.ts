// `cluster add`: a context of the kubeconfig becomes a cluster that applications are delivered to.
import type { Command } from 'commander'
import type { Secret } from '../../base/secret.ts'
import { refusal, type CliContext } from '../context.ts'
import { csvFields } from '../csv-fields.ts'
import { pairsOf } from '../pairs.ts'
import { formatTable } from '../table.ts'
import { addVerb, isYes } from '../verb.ts'
import { file, number, repeated, text, truthFlag, type Flag, type Values } from '../verb-flags.ts'
import type { KubeDestination, KubeFlags } from './access.ts'

/** Names of the flags that shape the cluster. */
type Texts = 'name' | 'project' | 'awsClusterName' | 'awsRoleArn' | 'awsProfile' | 'execCommand' | 'execCommandApiVersion' | 'execCommandInstallHint' | 'clusterEndpoint' | 'proxyUrl' // prettier-ignore
type Lists = 'namespace' | 'label' | 'annotation' | 'execCommandArgs' | 'execCommandEnv'
type Truths = 'inCluster' | 'clusterResources' | 'disableCompression'

const clusterFlags: Readonly<
  Record<Texts, Flag<string>> &
    Record<Lists, Flag<readonly string[]>> &
    Record<Truths, Flag<boolean>> &
    Record<'shard', Flag<number>>
> = {
  name: text('name of the cluster; else that of the context'),
  project: text('only for applications of this project'),
  namespace: repeated('namespace that may be managed; else all'),
  clusterResources: truthFlag('cluster-wide resources too, where namespaces are named'),
  shard: number('controller that looks after it; else one is chosen'),
  label: repeated('label: key=value'),
  annotation: repeated('annotation: key=value'),
  inCluster: truthFlag('the control plane runs in this cluster: use its inner address'),
  clusterEndpoint: text('which address to use: kubeconfig, kube-public or internal'),
  proxyUrl: text('proxy to reach it by'),
  disableCompression: truthFlag('ask for answers without compression'),
  awsClusterName: text('EKS cluster; tokens are made by AWS'),
  awsRoleArn: text('AWS role to take'),
  awsProfile: text('AWS profile to use'),
  execCommand: text('program that prints credentials'),
  execCommandArgs: repeated('its argument'),
  execCommandEnv: repeated('its variables: name=value, with commas between them'),
  execCommandApiVersion: text('API version of its answer'),
  execCommandInstallHint: text('what to say where it is missing'),
}

type ClusterFlags = Values<typeof clusterFlags>

export function addClusterAdd(cluster: Command, context: CliContext): void {
  addVerb(cluster, context, {
    words: 'add [context]',
    about: 'add a cluster of your kubeconfig; a service account is made in it',
    writes: true,
    flags: {
      ...clusterFlags,
      kubeconfig: file('kubeconfig to read'),
      serviceAccount: text('service account to use; else argocd-manager is made'),
      systemNamespace: text('where service accounts stand', { initial: 'kube-system' }),
      upsert: truthFlag('replace one of that address that is different'),
      yes: truthFlag('do not ask', { short: 'y' }),
    },
    examples: ['cluster add staging', 'cluster add staging --name test --namespace web --yes'],
    async run(call) {
      const [contextName] = call.args
      const { flags } = call
      const kube: KubeFlags = { kubeconfig: flags.kubeconfig, context: contextName, proxyUrl: flags.proxyUrl }
      if (contextName === undefined) throw refusal(await contextsText(context, kube))
      if (flags.inCluster === true && flags.clusterEndpoint !== undefined)
        throw refusal('Can only use one of --in-cluster or --cluster-endpoint')
      const destination = await context.kube.destination(kube)
      const token = call.isDryRun || hasOwnLogin(flags) ? undefined : await managerToken(kube, contextName)
      const added = await endpointOf(clusterOf(contextName, flags, { destination, token }), flags, kube)
      await call.send('cluster.ClusterService/Create', { cluster: added, upsert: flags.upsert === true })
      call.print(`Cluster '${added.server}' added\n`)

      async function managerToken(from: KubeFlags, name: string): Promise<Secret> {
        const { serviceAccount: account, systemNamespace, namespace: namespaces = [] } = flags
        const options = { systemNamespace, namespaces, tell: (line: string) => context.writeError(`${line}\n`) }
        if (account !== undefined && account !== '') return context.kube.accountToken(from, { ...options, account })
        if (context.isTerminal && flags.yes !== true) {
          const level = namespaces.length > 0 ? 'namespace' : 'cluster'
          const warning = `This will create a service account \`argocd-manager\` on the cluster referenced by context \`${name}\` with full ${level} level privileges.`
          const answer = await context.ask(`WARNING: ${warning} Do you want to continue [y/N]? `, false)
          if (!isYes(answer.reveal())) throw refusal('the cluster was not added')
        }
        return context.kube.installManager(from, options)
      }

      async function endpointOf(
        made: ClusterDraft,
        { inCluster, clusterEndpoint }: ClusterFlags,
        from: KubeFlags,
      ): Promise<ClusterDraft> {
        // prettier-ignore
        if (inCluster === true || clusterEndpoint === 'internal') return { ...made, server: IN_CLUSTER }
        if (clusterEndpoint !== 'kube-public') return made
        const found = await context.kube.publicEndpoint(from)
        if (found === undefined) {
          context.writeError(`kube-public tells no address; that of the kubeconfig is used: ${made.server}\n`)
          return made
        }
        const tlsClientConfig = { ...made.config.tlsClientConfig, ...pem('caData', found.ca) }
        return { ...made, server: found.server, config: { ...made.config, tlsClientConfig } }
      }
    },
  })
}

const IN_CLUSTER = 'https://kubernetes.default.svc'

async function contextsText(context: CliContext, flags: KubeFlags): Promise<string> {
  const rows = (await context.kube.contexts(flags)).map(({ isCurrent, name, cluster, server }) => [
    isCurrent ? '*' : ' ',
    name,
    cluster,
    server,
  ])
  return `Choose a context name from:\n${formatTable([['CURRENT', 'NAME', 'CLUSTER', 'SERVER'], ...rows])}`
}

function hasOwnLogin({ awsClusterName = '', execCommand = '' }: ClusterFlags): boolean {
  return awsClusterName !== '' || execCommand !== ''
}

/** The API's message Cluster. */
interface ClusterDraft {
  readonly server: string
  readonly name: string
  readonly config: { readonly tlsClientConfig: object } & Readonly<Record<string, unknown>>
}

interface Login {
  readonly destination: KubeDestination
  readonly token: Secret | undefined
}

/** cmd/util/cluster.go NewCluster: a client certificate wins over the token. */
function clusterOf(contextName: string, flags: ClusterFlags, login: Login): ClusterDraft {
  const { name = '', namespace: namespaces, shard = -1, label, annotation } = flags
  const given = {
    namespaces,
    clusterResources: flags.clusterResources === true ? true : undefined,
    shard: shard < 0 ? undefined : shard,
    project: flags.project === '' ? undefined : flags.project,
    labels: label === undefined ? undefined : pairsOf(label, '--label'),
    annotations: annotation === undefined ? undefined : pairsOf(annotation, '--annotation'),
  }
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const { server } = login.destination
  return { server, name: name === '' ? contextName : name, ...own, config: configOf(flags, login) }
}

function configOf(flags: ClusterFlags, { destination, token }: Login): ClusterDraft['config'] {
  const { insecure, serverName, ca, certificate, key, proxyUrl } = destination
  const isByCertificate = certificate !== undefined && key !== undefined
  return {
    ...(token === undefined || isByCertificate ? {} : { bearerToken: token.reveal() }),
    tlsClientConfig: {
      insecure,
      ...(serverName === undefined ? {} : { serverName }),
      ...pem('certData', certificate),
      ...pem('keyData', key?.reveal()),
      ...pem('caData', ca),
    },
    ...loginOf(flags),
    ...(flags.disableCompression === true ? { disableCompression: true } : {}),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  }
}

/** Bytes are base64 in JSON. */
function pem(field: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [field]: Buffer.from(value).toString('base64') }
}

function loginOf(flags: ClusterFlags): Readonly<Record<string, unknown>> {
  const { awsClusterName: clusterName = '', awsRoleArn: roleARN, awsProfile: profile } = flags
  if (clusterName !== '') return { awsAuthConfig: { clusterName, roleARN, profile } }
  const { execCommand: command = '', execCommandArgs: args, execCommandEnv = [] } = flags
  if (command === '') return {}
  const env = pairsOf(execCommandEnv.flatMap(csvFields), '--exec-command-env')
  const { execCommandApiVersion: apiVersion, execCommandInstallHint: installHint } = flags
  return { execProviderConfig: { command, args, env, apiVersion, installHint } }
}
