// How large messages may be, and how long calls may take.

const DEFAULT_MEGABYTES = 200

/** Largest message that is taken: `ARGOCD_GRPC_MAX_SIZE_MB`, 200 by default, as upstream's server and command have it. */
export function maxMessageBytes(environment: NodeJS.ProcessEnv = process.env): number {
  const megabytes = Number(environment['ARGOCD_GRPC_MAX_SIZE_MB'] ?? '')
  return (Number.isSafeInteger(megabytes) && megabytes > 0 ? megabytes : DEFAULT_MEGABYTES) * 2 ** 20
}
