// `cert …`: whom to believe to be a repository's server: TLS certificates and SSH host keys.
import { X509Certificate } from 'node:crypto'
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import type { CliContext } from '../context.ts'
import { printList } from '../print.ts'
import { formatTable } from '../table.ts'
import { addFamily, addVerb } from '../verb.ts'
import { file, output, text, truthFlag } from '../verb-flags.ts'
import { certificatesOf, knownHostsOf } from './entries.ts'

const SERVICE = 'certificate.CertificateService'

type Certificate = Message<'RepositoryCertificate'>
interface Certificates {
  readonly items?: readonly Certificate[] | null
}

export function addCertificateFamily(program: Command, context: CliContext): void {
  const cert = addFamily(program, 'cert', 'TLS certificates and SSH host keys of repository servers')
  addTls(cert, context)
  addSsh(cert, context)
  addList(cert, context)
  addRemove(cert, context)
}

const inputFlags = {
  from: file('read from this file instead of standard input'),
  upsert: truthFlag('replace what is there'),
}

function addTls(cert: Command, context: CliContext): void {
  addVerb(cert, context, {
    words: 'add-tls <server>',
    about: "add a server's TLS certificates",
    writes: true,
    flags: inputFlags,
    examples: ['cert add-tls git.example --from ca.pem', 'cert add-tls git.example < ca.pem'],
    async run(call) {
      const [serverName = ''] = call.args
      const { from } = call.flags
      call.print(
        from === undefined
          ? 'Enter TLS certificate data in PEM format. Press CTRL-D when finished.\n'
          : `Reading TLS certificate data in PEM format from '${from}'\n`,
      )
      const found = unique(certificatesOf(await context.readText(from ?? '-')), call.print)
      if (found.length === 0) return call.print('No valid certificates have been detected in the stream.\n')
      const certData = Buffer.from(found.join('\n')).toString('base64')
      const items = [{ serverName, certType: 'https', certData }]
      await call.send(`${SERVICE}/CreateCertificate`, { certificates: { items }, upsert: call.flags.upsert === true })
      const what = `repository server ${serverName} with ${found.length} unique PEM certificates`
      call.print(`Created/updated TLS certificate entry for ${what}\n`)
    },
  })
}

/** Each certificate once; of others it is said which they are. */
function unique(blocks: readonly string[], print: (text: string) => void): readonly string[] {
  const seen = new Set<string>()
  return blocks.filter((block) => {
    const { fingerprint256, subject } = parsed(block)
    const isNew = !seen.has(fingerprint256)
    seen.add(fingerprint256)
    const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase()
    const name = subject.split('\n').toReversed().join(',')
    if (!isNew)
      print(
        `WARNING: Duplicate certificate detected (SHA256 fingerprint ${fingerprint}, subject '${name}'), skipping.\n`,
      )
    return isNew
  })
}

function parsed(block: string): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch (error) {
    throw new CapstanError('bad-input', `this is no certificate: ${block.slice(0, 100)}…`, { cause: error })
  }
}

function addSsh(cert: Command, context: CliContext): void {
  addVerb(cert, context, {
    words: 'add-ssh',
    about: 'add host keys of SSH servers, as ssh-keyscan prints them',
    writes: true,
    flags: { ...inputFlags, batch: truthFlag('read lines of known_hosts; the only way there is, and needed') },
    examples: ['cert add-ssh --batch --from known_hosts', 'cert add-ssh --batch < known_hosts'],
    async run(call) {
      const { from, batch, upsert } = call.flags
      if (batch !== true)
        throw new CapstanError('bad-input', 'you need to specify --batch or specify --help for usage instructions')
      call.print(
        from === undefined
          ? 'Enter SSH known hosts entries, one per line. Press CTRL-D when finished.\n'
          : `Reading SSH known hosts entries from file '${from}'\n`,
      )
      const found = knownHostsOf(await context.readText(from ?? '-'))
      if (found.length === 0) throw new CapstanError('bad-input', 'No valid SSH known hosts data found.')
      const items = found.map(({ host, type, key }) => ({
        serverName: host,
        certType: 'ssh',
        certSubType: type,
        certData: Buffer.from(key).toString('base64'),
      }))
      const created = await call.send<Certificates>(`${SERVICE}/CreateCertificate`, {
        certificates: { items },
        upsert: upsert === true,
      })
      call.print(`Successfully created ${created.items?.length ?? 0} SSH known host entries\n`)
    },
  })
}

function addList(cert: Command, context: CliContext): void {
  addVerb(cert, context, {
    words: 'list',
    about: 'list certificates and host keys',
    flags: {
      output: output('wide', 'json', 'yaml'),
      sort: text('order of the table: hostname or type'),
      certType: text('only ssh or https'),
      hostnamePattern: text('only of hosts that match'),
    },
    examples: ['cert list', "cert list --cert-type ssh --hostname-pattern '*.example'"],
    async run(call) {
      const { certType, hostnamePattern: hostNamePattern, sort } = call.flags
      if (certType !== undefined && certType !== 'ssh' && certType !== 'https')
        call.print('cert-type must be either ssh or https\n')
      const { items } = await call.send<Certificates>(`${SERVICE}/ListCertificates`, { hostNamePattern, certType })
      printList(call, items ?? [], {
        wide: (all) => formatCertificates(all, sort === 'type' ? 'certType' : 'serverName'),
      })
    },
  })
}

function formatCertificates(certificates: readonly Certificate[], key: 'certType' | 'serverName'): string {
  const rows = certificates
    .toSorted((a, b) => compare(a[key] ?? '', b[key] ?? ''))
    .map(({ serverName = '', certType = '', certSubType = '', certInfo = '' }) => [serverName, certType, certSubType, certInfo]) // prettier-ignore
  return formatTable([['HOSTNAME', 'TYPE', 'SUBTYPE', 'INFO'], ...rows])
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function addRemove(cert: Command, context: CliContext): void {
  addVerb(cert, context, {
    words: 'rm <server>',
    about: 'forget certificates and host keys; the server may be a pattern',
    writes: true,
    flags: { certType: text('only ssh or https'), certSubType: text('only host keys of this kind') },
    examples: ['cert rm git.example', "cert rm '*.example' --cert-type ssh --cert-sub-type ssh-rsa"],
    async run(call) {
      const [hostNamePattern = ''] = call.args
      const { certType, certSubType } = call.flags
      if (hostNamePattern === '*')
        throw new CapstanError('bad-input', 'A single wildcard is not allowed as REPOSERVER name.')
      if (!(await call.confirm(`Are you sure you want to remove all certificates for '${hostNamePattern}'? [y/n]`)))
        return call.print(`The command to remove all certificates for '${hostNamePattern}' was cancelled.\n`)
      const query = { hostNamePattern, certType, certSubType }
      const { items } = await call.send<Certificates>(`${SERVICE}/DeleteCertificate`, query)
      const removed = (items ?? []).map((one) => `Removed cert for '${one.serverName ?? ''}' of type '${one.certType ?? ''}' (subtype '${one.certSubType ?? ''}')\n`) // prettier-ignore
      call.print(
        removed.length > 0 ? removed.join('') : 'No certificates were removed (none matched the given pattern)\n',
      )
    },
  })
}
