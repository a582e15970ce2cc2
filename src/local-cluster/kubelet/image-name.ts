// Image names as a container runtime reports them.
import { createHash } from 'node:crypto'

/** `nginx` → `docker.io/library/nginx:latest`, with an id made from the name: there is no image behind it. */
export function qualifiedImage(image: string): { readonly name: string; readonly id: string } {
  const [beforeDigest = '', digest] = image.split('@', 2)
  const slash = beforeDigest.indexOf('/')
  const host = slash < 0 ? '' : beforeDigest.slice(0, slash)
  const hasHost = host.includes('.') || host.includes(':') || host === 'localhost'
  const path = hasHost ? beforeDigest : `docker.io/${slash < 0 ? 'library/' : ''}${beforeDigest}`
  const colon = path.indexOf(':', path.lastIndexOf('/'))
  const repository = colon < 0 ? path : path.slice(0, colon)
  const name = colon < 0 && digest === undefined ? `${path}:latest` : path
  const sha = digest ?? `sha256:${createHash('sha256').update(name).digest('hex')}`
  return { name: digest === undefined ? name : `${repository}@${digest}`, id: `${repository}@${sha}` }
}
