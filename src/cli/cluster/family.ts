// `cluster …`: clusters that applications are delivered to.
import type { Command } from 'commander'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import type { CliContext } from '../context.ts'
import { formatObject } from '../output.ts'
import { printList, unknownForm } from '../print.ts'
import { addFamily, addVerb } from '../verb.ts'
import { output, text, repeated, truthFlag } from '../verb-flags.ts'
import { pairsOf } from '../pairs.ts'
import { addClusterAdd } from './add.ts'
import { formatCluster, formatClusters } from './describe.ts'

const SERVICE = 'cluster.ClusterService'

type Cluster = Message<'Cluster'>

export function addClusterFamily(program: Command, context: CliContext): void {
  const cluster = addFamily(program, 'cluster', 'clusters that applications are delivered to')
  addClusterAdd(cluster, context)
  addReading(cluster, context)
  addSet(cluster, context)
  addRemove(cluster, context)
  addVerb(cluster, context, {
    words: 'rotate-auth <cluster>',
    about: "renew the token of the manager's account",
    writes: true,
    examples: ['cluster rotate-auth staging'],
    async run(call) {
      const [cluster = ''] = call.args
      await call.send(`${SERVICE}/RotateAuth`, queryOf(cluster))
      call.print(`Cluster '${cluster}' rotated auth\n`)
    },
  })
}

/** By address or by name. The path of the REST call takes either as the id. */
function queryOf(cluster: string): Readonly<Record<string, unknown>> {
  const isServer = /^https?:\/\//.test(cluster)
  return {
    ...(isServer ? { server: cluster } : { name: cluster }),
    id: { type: isServer ? '' : 'name', value: cluster },
  }
}

function addReading(cluster: Command, context: CliContext): void {
  addVerb(cluster, context, {
    words: 'list',
    about: 'list clusters and whether they can be reached',
    flags: { output: output('wide', 'server', 'json', 'yaml') },
    examples: ['cluster list', 'cluster list -o server'],
    async run(call) {
      const { items } = await call.send<{ readonly items?: readonly Cluster[] | null }>(`${SERVICE}/List`)
      if (call.flags.output === 'server') call.print(serversOf(items ?? []))
      else printList(call, items ?? [], { wide: formatClusters })
    },
  })
  addVerb(cluster, context, {
    words: 'get <clusters...>',
    about: 'show clusters, by address or name',
    // Upstream's form where none is asked for is YAML.
    flags: { output: output('yaml', 'json', 'wide', 'server') },
    examples: ['cluster get in-cluster -o wide', 'cluster get https://kubernetes.default.svc'],
    async run(call) {
      const found: Cluster[] = []
      for (const name of call.args) found.push(await call.send<Cluster>(`${SERVICE}/Get`, queryOf(name)))
      const { output: form } = call.flags
      if (form === 'json' || form === 'yaml') call.print(formatObject(found.length === 1 ? found[0] : found, form))
      else if (form === 'server') call.print(serversOf(found))
      else if (form === 'wide' || form === '') call.print(found.map(formatCluster).join(''))
      else throw unknownForm(form)
    },
  })
}

function serversOf(clusters: readonly Cluster[]): string {
  return clusters.map(({ server = '' }) => `${server}\n`).join('')
}

function addSet(cluster: Command, context: CliContext): void {
  addVerb(cluster, context, {
    words: 'set <name>',
    about: 'change name, namespaces, labels or annotations of a cluster',
    writes: true,
    flags: {
      name: text('new name'),
      namespace: repeated("namespace that may be managed; '*' for all"),
      label: repeated('label: key=value'),
      annotation: repeated('annotation: key=value'),
    },
    examples: ['cluster set staging --name testing', "cluster set staging --namespace '*'"],
    async run(call) {
      const [name = ''] = call.args
      const { namespace, label, annotation } = call.flags
      const given = {
        name: call.flags.name === '' ? undefined : call.flags.name,
        namespaces: namespace?.length === 1 && namespace[0] === '*' ? [''] : namespace,
        labels: label === undefined ? undefined : pairsOf(label, '--label'),
        annotations: annotation === undefined ? undefined : pairsOf(annotation, '--annotation'),
      }
      const updatedFields = Object.entries(given).flatMap(([field, value]) => (value === undefined ? [] : [field]))
      if (updatedFields.length === 0) return call.print('Specify the cluster field to be updated.\n')
      try {
        await call.send(`${SERVICE}/Update`, { cluster: given, updatedFields, id: { type: 'name', value: name } })
      } catch (error) {
        if (!(error instanceof CapstanError) || error.code !== 'forbidden') throw error
        const hint = 'Ensure that the cluster is present and you have the necessary permissions to update the cluster'
        throw new CapstanError('forbidden', `${error.message}; ${hint}`, { cause: error })
      }
      call.print(`Cluster '${name}' updated.\n`)
    },
  })
}

const EFFECT = 'Any Apps deploying to this cluster will go to health status Unknown.'

function addRemove(cluster: Command, context: CliContext): void {
  addVerb(cluster, context, {
    words: 'rm <clusters...>',
    about: "forget clusters, and remove the manager's account from them",
    writes: true,
    flags: { yes: truthFlag('do not ask', { short: 'y' }) },
    examples: ['cluster rm staging -y'],
    async run(call) {
      let isSure = call.flags.yes === true || call.isDryRun
      for (const name of call.args) {
        const answer = isSure ? 'y' : await ask(name)
        if (answer === 'a' && call.args.length > 1) isSure = true
        if (answer === 'y' || isSure) await remove(name)
        else call.print(`The command to remove '${name}' was cancelled.\n`)
      }

      async function ask(name: string): Promise<string> {
        const all = "[y/n/A] where 'A' is to remove all specified clusters without prompting. "
        const choices = call.args.length === 1 ? '[y/n] ' : all
        const found = await context.ask(`Are you sure you want to remove '${name}'? ${EFFECT}${choices}`, false)
        return found.reveal().trim().toLowerCase()
      }

      async function remove(name: string): Promise<void> {
        const found = await call.send<Cluster>(`${SERVICE}/Get`, queryOf(name))
        await call.send(`${SERVICE}/Delete`, queryOf(name))
        call.print(`Cluster '${name}' removed\n`)
        if (!call.isDryRun) await uninstall(context, found.name ?? '')
      }
    },
  })
}

/** The cluster is forgotten already: what cannot be removed there is said, with what to do. */
async function uninstall(context: CliContext, name: string): Promise<void> {
  try {
    await context.kube.uninstallManager({ context: name })
  } catch (error) {
    const what = `argocd-manager and its roles were left in the cluster: ${messageOf(error)}`
    throw new CapstanError(
      'precondition',
      `${what}; remove them with kubectl, or with its context in your kubeconfig`,
      {
        cause: error,
      },
    )
  }
}
