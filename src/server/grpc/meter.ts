// Figures of gRPC calls, under the names that Go's Prometheus interceptor gives them.
import { GRPC_CODE_NAMES } from '../../base/grpc-codes.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { GrpcCall } from './call-table.ts'

/** Told of a call's begin; the result, of its end with a status code. */
export type CallMeter = (call: GrpcCall | undefined) => (code: number) => void

const TYPES = { server: 'server_stream', client: 'client_stream' } as const

/** Counts nothing without metrics, and nothing of calls that do not exist: their names are anybody's. */
export function createCallMeter(metrics: Metrics | undefined): CallMeter {
  if (metrics === undefined) return () => () => undefined
  const started = metrics.counter('grpc_server_started_total', 'Total number of RPCs started on the server.')
  const handled = metrics.counter(
    'grpc_server_handled_total',
    'Total number of RPCs completed on the server, regardless of success or failure.',
  )
  return (call) => {
    if (call === undefined) return () => undefined
    const { service, method, stream } = call
    const labels = {
      grpc_method: method,
      grpc_service: service,
      grpc_type: stream === undefined ? 'unary' : TYPES[stream],
    }
    started(labels)
    return (code) => handled({ ...labels, grpc_code: GRPC_CODE_NAMES[code] ?? 'Unknown' })
  }
}
