// The health protocol of gRPC (grpc.health.v1), which load balancers ask.

/** HealthCheckResponse with status SERVING. */
const SERVING = Uint8Array.of(0x08, 0x01)

/** The answer to a health check; undefined for another call. Whoever is answered at all is served. */
export function healthAnswer(path: string): Uint8Array | undefined {
  return path === '/grpc.health.v1.Health/Check' ? SERVING : undefined
}
