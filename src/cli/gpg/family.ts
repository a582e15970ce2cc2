// `gpg …`: public keys that commits may be signed with.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import type { CliContext } from '../context.ts'
import { printList, printObject } from '../print.ts'
import { formatTable } from '../table.ts'
import { addFamily, addVerb } from '../verb.ts'
import { file, output } from '../verb-flags.ts'

const SERVICE = 'gpgkey.GPGKeyService'

type Key = Message<'GnuPGPublicKey'>
interface Keys {
  readonly items?: readonly Key[] | null
}

export function addGpgFamily(program: Command, context: CliContext): void {
  const gpg = addFamily(program, 'gpg', 'public keys that commits may be signed with')
  addReading(gpg, context)
  addVerb(gpg, context, {
    words: 'add',
    about: 'add the keys of a file',
    writes: true,
    flags: { from: file('armoured public keys', { short: 'f' }) },
    examples: ['gpg add --from key.asc'],
    async run(call) {
      const { from = '' } = call.flags
      if (from === '') throw new CapstanError('bad-input', '--from is mandatory')
      const publickey = { keyData: await context.readText(from) }
      const { created, skipped } = await call.send<{ readonly created?: Keys; readonly skipped?: readonly string[] | null }>(`${SERVICE}/Create`, { publickey }) // prettier-ignore
      const count = skipped?.length ?? 0
      const more = count > 0 ? `, and ${count} key(s) were skipped because they exist already` : ''
      call.print(`Created ${created?.items?.length ?? 0} key(s) from input file${more}.\n`)
    },
  })
  addVerb(gpg, context, {
    words: 'rm <key>',
    about: 'forget a key',
    writes: true,
    examples: ['gpg rm 4AEE18F83AFDEB23'],
    async run(call) {
      const [keyID = ''] = call.args
      if (!(await call.confirm(`Are you sure you want to remove '${keyID}'? [y/n] `)))
        return call.print(`The command to delete key with key ID '${keyID}' was cancelled.\n`)
      await call.send(`${SERVICE}/Delete`, { keyID })
      call.print(`Deleted key with key ID ${keyID}\n`)
    },
  })
}

function addReading(gpg: Command, context: CliContext): void {
  addVerb(gpg, context, {
    words: 'list',
    about: 'list keys',
    flags: { output: output('wide', 'json', 'yaml') },
    examples: ['gpg list', 'gpg list -o json'],
    async run(call) {
      const { items } = await call.send<Keys>(`${SERVICE}/List`)
      const rows = (all: readonly Key[]): readonly (readonly string[])[] =>
        all.map(({ keyID = '', subType = '', owner = '' }) => [keyID, subType.toUpperCase(), owner])
      printList(call, items ?? [], { wide: (all) => formatTable([['KEYID', 'TYPE', 'IDENTITY'], ...rows(all)]) })
    },
  })
  addVerb(gpg, context, {
    words: 'get <key>',
    about: 'show a key',
    flags: { output: output('wide', 'json', 'yaml') },
    examples: ['gpg get 4AEE18F83AFDEB23'],
    async run(call) {
      const key = await call.send<Key>(`${SERVICE}/Get`, { keyID: call.args[0] })
      printObject(call, key, () => formatKey(key))
    },
  })
}

function formatKey({ keyID = '', fingerprint = '', subType = '', owner = '', keyData = '' }: Key): string {
  const lines = [
    `Key ID:          ${keyID}`,
    `Key fingerprint: ${fingerprint}`,
    `Key subtype:     ${subType.toUpperCase()}`,
    `Key owner:       ${owner}`,
    'Key data follows until EOF:',
    keyData,
  ]
  return `${lines.join('\n')}\n`
}
