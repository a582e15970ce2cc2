// `registry …`: credentials of image registries, where they are in use, and what an image would be pulled with.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { CliContext } from '../context.ts'
import { printList, printObject } from '../print.ts'
import { addFamily, addVerb } from '../verb.ts'
import { list, output, text, truthFlag, type Flag } from '../verb-flags.ts'
import { addCheck } from './check.ts'
import { credentialFlags, inputOf } from './credential-flags.ts'
import { formatRegistries, formatRegistry, type Registry } from './tables.ts'

const SERVICE = 'registry.RegistryService'

export function addRegistryFamily(program: Command, context: CliContext): void {
  const registry = addFamily(program, 'registry', 'credentials of image registries, and where they are in use')
  addAdd(registry, context)
  addReading(registry, context)
  addCheck(registry, context)
  addVerb(registry, context, {
    words: 'rm <registries...>',
    aliases: ['remove', 'delete'],
    about: 'forget credentials; the pull secrets made of them are removed',
    writes: true,
    flags: { project: text('project of the credential') },
    examples: ['registry rm registry.example.com', 'registry rm registry.example.com/team --project shop'],
    async run(call) {
      for (const wanted of call.args) {
        const { id } = await findOne(call, wanted)
        if (await call.confirm(`Are you sure you want to delete registry '${wanted}'? [y/n]`)) {
          await call.send(`${SERVICE}/Delete`, { id })
          call.print(`Registry '${wanted}' removed\n`)
        } else call.print(`The command to delete '${wanted}' was cancelled.\n`)
      }
    },
  })
}

function addAdd(registry: Command, context: CliContext): void {
  addVerb(registry, context, {
    words: 'add <address>',
    about: 'add a credential: it is tried first, and kept if the registry takes it',
    writes: true,
    flags: {
      ...credentialFlags,
      name: text('what people call it'),
      project: text('only for applications of this project'),
      serviceAccounts: text("who gets it: default, '*', names with commas, or selector:team=shop"),
      tokenHosts: list('hosts that the registry may send logins to'),
      insecure: truthFlag('reach it over plain http, or with a certificate nobody vouches for'),
      disabled: truthFlag('keep it, but give it to no namespace'),
      upsert: truthFlag('change one that is there'),
    },
    examples: [
      'registry add registry.example.com --username ci            # asks for the password',
      'registry add ghcr.io/team --username ci --password-stdin < token',
      'registry add 123456789012.dkr.ecr.eu-central-1.amazonaws.com   # rights of the control plane (IRSA, Pod Identity)',
      'registry add 123456789012.dkr.ecr.eu-central-1.amazonaws.com --aws-role-arn arn:aws:iam::123456789012:role/puller',
      'registry add europe-docker.pkg.dev --gcp-service-account-key-path key.json',
      'registry add team.azurecr.io --use-azure-workload-identity',
    ],
    async run(call) {
      const [address = ''] = call.args
      const { upsert, ...flags } = call.flags
      const registryInput = await inputOf(address, flags, context)
      await call.send(`${SERVICE}/Create`, { registry: registryInput, upsert: upsert === true })
      call.print(`Registry '${address}' added\n`)
    },
  })
}

const one: Readonly<Record<'project', Flag<string>>> = { project: text('project of the credential') }

function addReading(registry: Command, context: CliContext): void {
  addVerb(registry, context, {
    words: 'list',
    aliases: ['ls'],
    about: 'list credentials with who uses them',
    flags: {
      output: output('wide', 'json', 'yaml', 'name'),
      test: truthFlag('ask every registry whether it takes its login'),
    },
    examples: ['registry list', 'registry list --test', 'registry list -o json'],
    async run(call) {
      const answer = await call.send<RegistryList>(`${SERVICE}/List`, { test: call.flags.test === true })
      const items = answer.items ?? []
      printList(call, items, { wide: formatRegistries, name: ({ address = '' }) => address })
      for (const { id = '', message = '' } of answer.problems ?? []) context.writeError(`${id}: ${message}\n`)
    },
  })
  addVerb(registry, context, {
    words: 'get <registry>',
    about: 'show a credential and every place that has it',
    flags: { ...one, output: output('wide', 'json', 'yaml', 'name') },
    examples: ['registry get registry.example.com'],
    async run(call) {
      const [wanted = ''] = call.args
      const found = await findOne(call, wanted)
      printObject(call, found, () => formatRegistry(found), { name: () => `${found.address ?? ''}\n` })
    },
  })
  addVerb(registry, context, {
    words: 'test <registry>',
    about: 'log in now and ask the registry; exit code 1 where it refuses',
    flags: one,
    examples: ['registry test registry.example.com'],
    async run(call) {
      const [wanted = ''] = call.args
      const { id } = await findOne(call, wanted)
      const { connectionState } = await call.send<Registry>(`${SERVICE}/Test`, { id })
      if (connectionState?.status !== 'Successful') {
        throw new CapstanError('unavailable', connectionState?.message ?? 'the registry was not asked')
      }
      call.print(`Registry '${wanted}' takes the login\n`)
    },
  })
}

interface RegistryList {
  readonly items?: readonly Registry[] | null
  readonly problems?: readonly { readonly id?: string; readonly message?: string }[] | null
}

interface Asking {
  readonly flags: { readonly project: string | undefined }
  readonly context: CliContext
  readonly send: <T>(method: string) => Promise<T>
}

/** By its address or its id; of the project where one is named. */
async function findOne({ flags, send }: Asking, wanted: string): Promise<Registry & { readonly id: string }> {
  const items = (await send<RegistryList>(`${SERVICE}/List`)).items ?? []
  const bare = wanted.replace(/^(?:https?|oci):\/\//i, '').replace(/\/+$/, '').toLowerCase() // prettier-ignore
  const same = items.filter(({ id, address }) => id === wanted || address === bare)
  const ofProject = flags.project === undefined ? same : same.filter(({ project = '' }) => project === flags.project)
  const [found, ...others] = ofProject
  if (found?.id === undefined)
    throw new CapstanError('not-found', `there is no registry ${wanted}: see capstan registry list`)
  if (others.length > 0) {
    throw new CapstanError('bad-input', `there are several of ${wanted}: name one by --project, or by its id (-o json)`)
  }
  return { ...found, id: found.id }
}
