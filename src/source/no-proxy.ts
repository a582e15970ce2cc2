// Which hosts a proxy is not asked for, as Go reads NO_PROXY (golang.org/x/net/http/httpproxy).
import { BlockList, isIP } from 'node:net'

/** True where an entry of the comma-separated list names the host: itself, a domain above it, an address or a range of such. */
export function isWithoutProxy(host: string, noProxy: string | undefined): boolean {
  const { name, port } = split(host.toLowerCase())
  return (noProxy ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, name, port))
}

function matches(entry: string, name: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInRange(name, entry)
  const wanted = split(entry)
  if (wanted.port !== '' && wanted.port !== port) return false
  const domain = wanted.name.replace(/^\*\./, '.')
  // A leading dot leaves out the domain itself.
  if (domain.startsWith('.')) return name.endsWith(domain)
  return name === domain || (isIP(name) === 0 && name.endsWith(`.${domain}`))
}

function isInRange(name: string, entry: string): boolean {
  const [address = '', bits] = entry.split('/')
  const family = isIP(address)
  const length = Number(bits)
  if (family === 0 || !Number.isInteger(length) || length < 0 || length > (family === 6 ? 128 : 32)) return false
  if (isIP(name) !== family) return false
  const range = new BlockList()
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  range.addSubnet(address, length, kind)
  return range.check(name, kind)
}

/** `[::1]:443`, `::1`, `host:443`, `host`. */
function split(host: string): { readonly name: string; readonly port: string } {
  const found = /^(?:\[(?<inner>[^\]]*)\]|(?<plain>[^:]*))(?::(?<port>\d+))?$/.exec(host)?.groups
  if (found === undefined) return { name: host, port: '' }
  return { name: found['inner'] ?? found['plain'] ?? '', port: found['port'] ?? '' }
}
