// The image of a container as its status names it.
import { createHash } from 'node:crypto'
import { canonicalName, tryParseImageReference } from '../../../registry/image-reference.ts'

/** Of the image found; where none was looked for, `nginx` is `docker.io/library/nginx:latest` with an id made from its name. */
export function reportedImage(
  text: string,
  found: { readonly name: string; readonly repoDigest: string } | undefined,
): { readonly image: string; readonly imageID: string } {
  if (found !== undefined) return { image: found.name, imageID: found.repoDigest }
  const reference = tryParseImageReference(text)
  const image = reference === undefined ? text : canonicalName(reference)
  const digest = reference?.digest ?? `sha256:${createHash('sha256').update(image).digest('hex')}`
  return { image, imageID: `${reference?.name ?? text}@${digest}` }
}
