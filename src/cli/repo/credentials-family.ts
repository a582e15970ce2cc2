// `repocreds …`: credentials for all repositories below an address.
import type { Command } from 'commander'
import type { Message } from '../../crds/message-type.ts'
import type { CliContext } from '../context.ts'
import { printList } from '../print.ts'
import { formatTable } from '../table.ts'
import { addFamily, addVerb } from '../verb.ts'
import { output, text, truthFlag } from '../verb-flags.ts'
import { credentialFlags, credentialsOf, withoutEmpty } from './credential-flags.ts'

const SERVICE = 'repocreds.RepoCredsService'

type Template = Message<'RepoCreds'>

export function addCredentialsFamily(program: Command, context: CliContext): void {
  const repocreds = addFamily(program, 'repocreds', 'credentials for all repositories below an address')
  addVerb(repocreds, context, {
    words: 'add <address>',
    about: 'add credentials',
    writes: true,
    flags: {
      ...credentialFlags,
      proxyUrl: text('proxy to reach the repositories by'),
      upsert: truthFlag('replace those of that address that are different'),
    },
    examples: [
      'repocreds add https://git.example/team --username ci',
      'repocreds add git@git.example:team --ssh-private-key-path ~/.ssh/id_ed25519',
    ],
    async run(call) {
      const [address = ''] = call.args
      const credentials = await credentialsOf(address, call.flags, context)
      const creds = { ...credentials, ...withoutEmpty({ proxy: call.flags.proxyUrl }), url: address }
      const { url = address } = await call.send<Partial<Template>>(`${SERVICE}/CreateRepositoryCredentials`, {
        creds,
        upsert: call.flags.upsert === true,
      })
      call.print(`Repository credentials for '${url}' added\n`)
    },
  })
  addVerb(repocreds, context, {
    words: 'list',
    about: 'list credentials',
    flags: { output: output('wide', 'url', 'json', 'yaml') },
    examples: ['repocreds list', 'repocreds list -o url'],
    async run(call) {
      const { items } = await call.send<{ readonly items?: readonly Template[] | null }>(
        `${SERVICE}/ListRepositoryCredentials`,
      )
      const all = items ?? []
      if (call.flags.output === 'url') call.print(all.map(({ url = '' }) => `${url}\n`).join(''))
      else printList(call, all, { wide: formatTemplates })
    },
  })
  addVerb(repocreds, context, {
    words: 'rm <addresses...>',
    about: 'forget credentials',
    writes: true,
    examples: ['repocreds rm https://git.example/team'],
    async run(call) {
      for (const url of call.args) {
        if (await call.confirm(`Are you sure you want to remove '${url}'? [y/n] `)) {
          await call.send(`${SERVICE}/DeleteRepositoryCredentials`, { url })
          call.print(`Repository credentials for '${url}' removed\n`)
        } else call.print(`The command to remove '${url}' was cancelled.\n`)
      }
    },
  })
}

function formatTemplates(templates: readonly Template[]): string {
  const rows = templates.map(({ url = '', username = '', sshPrivateKey = '', tlsClientCertData = '' }) => [
    url,
    username === '' ? '-' : username,
    String(sshPrivateKey !== ''),
    String(tlsClientCertData !== ''),
  ])
  return formatTable([['URL PATTERN', 'USERNAME', 'SSH_CREDS', 'TLS_CREDS'], ...rows])
}
