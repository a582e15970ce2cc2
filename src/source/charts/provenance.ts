// Provenance of a chart: a signed text that says which archive is the right one, checked with gpg.
import { spawn } from 'node:child_process'
import { CapstanError } from '../../base/errors.ts'
import { YamlError } from '../../lang/yaml/error.ts'
import { parseYaml } from '../../lang/yaml/read.ts'

/** A provenance file holds a Chart.yaml and a digest. */
export const MAX_PROVENANCE_BYTES: number = 1024 * 1024
const GPG_TIMEOUT_MS = 30_000

export interface ProvenanceCheck {
  /** The text of the `.prov` file. */
  readonly provenance: string
  /** Name of the archive, `app-1.0.0.tgz`. */
  readonly fileName: string
  /** SHA-256 of the archive, 64 hexadecimal digits. */
  readonly digest: string
  /** A file of public keys; absent: the keyring of gpg. */
  readonly keyring?: string
}

/**
 * Throws where the text is not signed by a known key, or says another digest of the file (helm v4.2.1
 * pkg/provenance). Gives what gpg said of the signer.
 */
export async function verifyProvenance(check: ProvenanceCheck): Promise<string> {
  const { provenance, fileName, digest } = check
  if (provenance.length > MAX_PROVENANCE_BYTES) {
    throw new CapstanError('limit', `${fileName}.prov is larger than ${MAX_PROVENANCE_BYTES} bytes`)
  }
  const signer = await verifySignature(check)
  const stated = digestsOf(provenance).get(fileName)
  if (stated === undefined) {
    throw new CapstanError('bad-input', `provenance does not contain a SHA for a file named "${fileName}"`)
  }
  if (stated !== `sha256:${digest}`) {
    throw new CapstanError('bad-input', `sha256 sum does not match for ${fileName}: "${stated}" != "sha256:${digest}"`)
  }
  return signer
}

async function verifySignature({ provenance, fileName, keyring }: ProvenanceCheck): Promise<string> {
  const keys = keyring === undefined ? [] : ['--no-default-keyring', '--keyring', keyring]
  const { code, errors } = await runGpg(['--batch', '--status-fd', '1', ...keys, '--verify', '-'], provenance)
  if (code === 0) return /Good signature from "(?<signer>[^"]*)"/.exec(errors)?.groups?.['signer'] ?? ''
  throw new CapstanError('forbidden', `${fileName}: openpgp: signature was not made by a known key\n${errors.trim()}`)
}

function runGpg(args: readonly string[], input: string): Promise<{ readonly code: number; readonly errors: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; errors: string }>()
  const child = spawn('gpg', args, { stdio: ['pipe', 'ignore', 'pipe'], timeout: GPG_TIMEOUT_MS })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.once('error', (error) => {
    reject(
      new CapstanError('not-found', 'charts are verified with gpg, which was not found; install GnuPG', {
        cause: error,
      }),
    )
  })
  child.once('close', (code) => resolve({ code: code ?? 1, errors }))
  // gpg may end before it has read all of it.
  child.stdin.once('error', () => undefined)
  child.stdin.end(input)
  return promise
}

/** `files:` of the second document inside the signed text: name → `sha256:…`. */
function digestsOf(provenance: string): ReadonlyMap<string, string> {
  const signed =
    /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n(?<text>[\s\S]*?)\r?\n-----BEGIN PGP SIGNATURE-----/m
  const text = signed.exec(provenance)?.groups?.['text'] ?? ''
  const files = text.split(/^(?:- )?\.\.\.\s*$/m)[1]
  try {
    const value: unknown = files === undefined ? undefined : parseYaml(files)
    const listed = typeof value === 'object' && value !== null ? Reflect.get(value, 'files') : undefined
    const entries = typeof listed === 'object' && listed !== null ? Object.entries(listed) : []
    return new Map(entries.map(([name, stated]) => [name, String(stated)]))
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CapstanError('bad-input', `provenance is not readable: ${error.message}`, { cause: error })
  }
}
