// Which registry credential an image is pulled with.
import { parseRegistryAddress } from '../settings/registry-address.ts'
import type { ImageReference } from './image-reference.ts'

/**
 * Whether a credential for an address is one for an image: the same host, and a path that is that of the repository or a
 * folder above it. The kubelet compares paths as texts (`/team` fits `/teamx`); a password is not given out for a likeness.
 */
export function servesImage(address: string, { domain, path }: ImageReference): boolean {
  const registry = parseRegistryAddress(address)
  if (registry.host !== domain) return false
  return registry.path === '' || `/${path}/`.startsWith(`${registry.path}/`)
}
