// What containers of public images do that are known well enough to be simulated, where a pod gives them no command.

export interface KnownImage {
  /** What the image runs, in words that the simulated shell knows. */
  readonly command: readonly string[]
  /** Whether anything answers at its ports; where nothing does, probes of the network fail. */
  readonly listens: boolean
  /** Whether it ends when it is asked to, or is killed at the end of the grace period. */
  readonly heedsStop: boolean
}

/** By repository. Argo CD's own end-to-end tests use the first: it greets, idles and is deaf to SIGTERM (its Dockerfile, argo-cd v3.5.1). */
const KNOWN: ReadonlyMap<string, KnownImage> = new Map([
  [
    'quay.io/argoprojlabs/argocd-e2e-container',
    { command: ['sh', '-c', 'echo Hi; while true; do sleep 3600; done'], listens: false, heedsStop: false },
  ],
])

/** Undefined for an image whose program is not known: it counts as a server. */
export function knownImage(image: string | undefined): KnownImage | undefined {
  if (image === undefined) return undefined
  const name = image.split('@', 1)[0] ?? ''
  const colon = name.lastIndexOf(':')
  return KNOWN.get(colon > name.lastIndexOf('/') ? name.slice(0, colon) : name)
}
