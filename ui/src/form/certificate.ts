// What is typed or pasted as TLS certificates and host keys, as the messages the server takes.

export interface CertificateEntry {
  readonly serverName: string
  readonly certType: 'https' | 'ssh'
  readonly certSubType?: string
  /** Base64 of the text. */
  readonly certData: string
}

export function tlsEntry(serverName: string, pem: string): CertificateEntry {
  return { serverName: serverName.trim(), certType: 'https', certData: base64Of(`${pem.trim()}\n`) }
}

/** A faulty line by its number, counted from 1. */
export interface HostKeyFault {
  readonly line: number
}

/** Lines of known_hosts, as ssh-keyscan prints them: comments and empty lines are passed over. */
export function hostKeyEntries(text: string): readonly CertificateEntry[] | HostKeyFault {
  const entries: CertificateEntry[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/)
    if (line.trim() === '' || line.trim().startsWith('#')) continue
    const [hosts = '', certSubType, key] = words
    // A line may begin with a marker, and hashed names cannot be told: both are of no use to the server.
    if (certSubType === undefined || key === undefined || hosts.startsWith('@') || hosts.startsWith('|')) {
      return { line: index + 1 }
    }
    const certData = base64Of(key)
    entries.push(
      ...hosts.split(',').map((serverName) => ({ serverName, certType: 'ssh' as const, certSubType, certData })),
    )
  }
  return entries
}

function base64Of(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
}
