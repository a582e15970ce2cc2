// What answers gRPC calls of all connections: the table of calls, encoded objects, figures.
import type { ServerContext } from '../context.ts'
import type { CallDesk } from './answer-call.ts'
import { createCallTable } from './call-table.ts'
import { MessageBudget } from './message-budget.ts'
import { createCallMeter, type CallMeter } from './meter.ts'
import { createReadyBytes } from './ready-bytes.ts'

/** `contextNow` gives what is served; undefined while it starts. */
export function createDesk(contextNow: () => ServerContext | undefined): CallDesk {
  let meter: CallMeter | undefined
  return {
    get context() {
      return contextNow()
    },
    callOf: createCallTable(),
    ready: createReadyBytes(),
    budget: new MessageBudget(),
    meter(call) {
      const context = contextNow()
      if (meter === undefined && context !== undefined) meter = createCallMeter(context.metrics)
      return meter?.(call) ?? (() => undefined)
    },
  }
}
