// `url(…)`, `ip(…)` and `cidr(…)` in CEL.
import { BlockList, isIP, SocketAddress } from 'node:net'
import type { Environment } from '@marcbachmann/cel-js'
import type { Register } from './register.ts'

class Address {
  /** Canonical. */
  readonly text: string
  readonly family: 4 | 6

  constructor(text: string, family: 4 | 6) {
    this.text = text
    this.family = family
  }

  toString(): string {
    return this.text
  }
}

class Range {
  readonly address: Address
  readonly bits: number

  constructor(address: Address, bits: number) {
    this.address = address
    this.bits = bits
  }

  toString(): string {
    return `${this.address.text}/${this.bits}`
  }
}

/** Go refuses addresses with zones, IPv4 in IPv6 and zeros in front. */
function parseAddress(text: string): Address | undefined {
  const family = isIP(text)
  if (family === 0 || text.includes('%')) return undefined
  if (family === 6 && text.includes('.')) return undefined
  const { address } = new SocketAddress({ address: text, family: family === 4 ? 'ipv4' : 'ipv6' })
  if (family === 6 && /^::ffff:/i.test(address)) return undefined
  return new Address(address, family === 4 ? 4 : 6)
}

/** Whether Go would print the address as it stands. */
function isCanonical(text: string): boolean {
  const address = parseAddress(text)
  if (address === undefined)
    throw new RangeError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`)
  return address.text === text
}

function parseRange(text: string): Range | undefined {
  const [before = '', bits = '', ...more] = text.split('/')
  const address = parseAddress(before)
  if (address === undefined || more.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(bits)) return undefined
  return Number(bits) <= width(address) ? new Range(address, Number(bits)) : undefined
}

function width({ family }: Address): number {
  return family === 4 ? 32 : 128
}

/** Types and functions of addresses and URLs. */
export function registerNetwork(environment: Environment, register: Register): void {
  registerAddresses(environment, register)
  registerRanges(environment, register)
  registerUrls(environment, register)
}

const typeName = (family: Address): 'ipv4' | 'ipv6' => (family.family === 4 ? 'ipv4' : 'ipv6')

function isWithin(address: Address, ...ranges: readonly string[]): boolean {
  return ranges.some((text) => {
    const range = parseRange(text)
    return range !== undefined && contains(range, address)
  })
}

function contains(range: Range, address: Address): boolean {
  if (range.address.family !== address.family) return false
  const list = new BlockList()
  list.addSubnet(range.address.text, range.bits, typeName(address))
  return list.check(address.text, typeName(address))
}

function readAddress(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined)
    throw new RangeError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`)
  return address
}

function readRange(text: string): Range {
  const range = parseRange(text)
  if (range === undefined)
    throw new RangeError(`network address parse error during conversion from string: ${JSON.stringify(text)}`)
  return range
}

function registerAddresses(environment: Environment, register: Register): void {
  class Addresses {}
  environment.registerType('AddressNamespace', { ctor: Addresses, fields: {} } as never) // a name to hang a function on
  environment.registerConstant('ip', 'AddressNamespace', new Addresses())
  register('AddressNamespace.isCanonical(string): bool', (_: Addresses, text: string) => isCanonical(text))
  environment.registerType('net.IP', { ctor: Address, fields: {} } as never) // nothing of it is read as a field
  environment.registerOperator('net.IP == net.IP', (a: Address, b: Address) => a.text === b.text)
  register('isIP(string): bool', (text: string) => parseAddress(text) !== undefined)
  register('ip(string): net.IP', readAddress)
  register('string(net.IP): string', String)
  const method = (signature: string, handler: (address: Address) => unknown): void => register(`net.IP.${signature}`, handler) // prettier-ignore
  method('family(): int', ({ family }) => BigInt(family))
  method('isUnspecified(): bool', ({ text }) => text === '0.0.0.0' || text === '::')
  method('isLoopback(): bool', (address) => isWithin(address, '127.0.0.0/8', '::1/128'))
  method('isLinkLocalMulticast(): bool', (address) => isWithin(address, '224.0.0.0/24') || /^ff.2(?::|$)/.test(address.text)) // prettier-ignore
  method('isLinkLocalUnicast(): bool', (address) => isWithin(address, '169.254.0.0/16', 'fe80::/10'))
  method('isGlobalUnicast(): bool', isGlobalUnicast)
}

function isGlobalUnicast(address: Address): boolean {
  const isSpecial = address.text === '0.0.0.0' || address.text === '::' || address.text === '255.255.255.255'
  return !isSpecial && !isWithin(address, '127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10') // prettier-ignore
}

function registerRanges(environment: Environment, register: Register): void {
  environment.registerType('net.CIDR', { ctor: Range, fields: {} } as never) // nothing of it is read as a field
  environment.registerOperator('net.CIDR == net.CIDR', (a: Range, b: Range) => String(a) === String(b))
  register('isCIDR(string): bool', (text: string) => parseRange(text) !== undefined)
  register('cidr(string): net.CIDR', readRange)
  register('string(net.CIDR): string', String)
  const method = (signature: string, handler: (...values: never[]) => unknown): void => register(`net.CIDR.${signature}`, handler) // prettier-ignore
  const within = (outer: Range, inner: Range): boolean => inner.bits >= outer.bits && contains(outer, inner.address)
  method('containsIP(string): bool', (range: Range, text: string) => contains(range, readAddress(text)))
  method('containsIP(net.IP): bool', contains)
  method('containsCIDR(string): bool', (range: Range, text: string) => within(range, readRange(text)))
  method('containsCIDR(net.CIDR): bool', within)
  method('ip(): net.IP', ({ address }: Range) => address)
  method('prefixLength(): int', ({ bits }: Range) => BigInt(bits))
  method('masked(): net.CIDR', ({ address, bits }: Range) => new Range(masked(address, bits), bits))
}

/** The address with nothing but its first bits. */
function masked(address: Address, bits: number): Address {
  const step = address.family === 4 ? 8 : 16
  const parts = groupsOf(address).map((group, index) => {
    const kept = Math.min(Math.max(bits - index * step, 0), step)
    return group & ((2 ** kept - 1) << (step - kept))
  })
  const text = address.family === 4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':')
  return readAddress(text)
}

function groupsOf({ text, family }: Address): readonly number[] {
  if (family === 4) return text.split('.').map(Number)
  const [head = '', tail] = text.split('::')
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  if (tail === undefined) return read(head)
  const [before, after] = [read(head), read(tail)]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

class Location {
  readonly url: URL
  readonly source: string

  constructor(url: URL, source: string) {
    this.url = url
    this.source = source
  }
}

/** What Go's `url.ParseRequestURI` says of a text it does not take. */
function urlFault(text: string): string {
  const host = /^[A-Za-z][\w+.-]*:\/\/(?<host>[^/?#]*)/.exec(text)?.groups?.['host'] ?? ''
  const bad = /[\s"<>\\^`{|}]/.exec(host)?.[0]
  return bad === undefined ? 'invalid URI for request' : `invalid character ${JSON.stringify(bad)} in host name`
}

/** An absolute URI or an absolute path, as Go's `url.ParseRequestURI` takes them. */
function parseLocation(text: string): Location | undefined {
  const isPath = text.startsWith('/')
  if (!isPath && !/^[A-Za-z][\w+.-]*:/.test(text)) return undefined
  try {
    return new Location(new URL(text, 'capstan-path://none'), text)
  } catch {
    return undefined // no URL: that is the answer
  }
}

const AUTHORITY = /^[A-Za-z][\w+.-]*:\/\/(?:[^/?#@]*@)?(?<host>[^/?#]*)/

function hostOf({ source }: Location): string {
  return AUTHORITY.exec(source)?.groups?.['host'] ?? ''
}

const HOST_PORT = /^(?<name>\[[^\]]*\]|[^:]*)(?::(?<port>\d*))?$/

function registerUrls(environment: Environment, register: Register): void {
  environment.registerType('kubernetes.URL', { ctor: Location, fields: {} } as never) // nothing of it is read as a field
  environment.registerOperator('kubernetes.URL == kubernetes.URL', (a: Location, b: Location) => a.source === b.source)
  register('isURL(string): bool', (text: string) => parseLocation(text) !== undefined)
  register('url(string): kubernetes.URL', (text: string) => {
    const location = parseLocation(text)
    if (location === undefined)
      throw new RangeError(
        `URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${urlFault(text)}`,
      )
    return location
  })
  const method = (signature: string, handler: (location: Location) => unknown): void => register(`kubernetes.URL.${signature}`, handler) // prettier-ignore
  method('getScheme(): string', ({ source, url }) => (source.startsWith('/') ? '' : url.protocol.slice(0, -1)))
  method('getHost(): string', hostOf)
  method('getHostname(): string', (location) => (HOST_PORT.exec(hostOf(location))?.groups?.['name'] ?? '').replace(/^\[|\]$/g, '')) // prettier-ignore
  method('getPort(): string', (location) => HOST_PORT.exec(hostOf(location))?.groups?.['port'] ?? '')
  method('getEscapedPath(): string', ({ source, url }) => (url.pathname === '/' && !/^[^?#]*[^/]\/(?:[?#]|$)|^\/$/.test(source) ? '' : url.pathname)) // prettier-ignore
  method('getQuery(): map<string, list<string>>', ({ url }) => {
    const keys = [...new Set(url.searchParams.keys())]
    return new Map(keys.map((key) => [key, url.searchParams.getAll(key)]))
  })
}
