// Renders a chart in a thread with a large stack, for templates that nest deeper than the main thread can go.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { CapstanError, messageOf } from '../base/errors.ts'
import type { ErrorCode } from '../base/errors.ts'
import { renderChartText, type ChartInput } from '../render/helm/render-chart.ts'
import { STACK_MB } from '../desired/worker-pool.ts'

type Answer = { readonly text: string } | { readonly code: ErrorCode; readonly message: string }

/** What an input for a thread lacks: functions, which do not travel. */
interface DeepInput {
  readonly input: ChartInput
  readonly setFiles: ReadonlyMap<string, Uint8Array>
}

/** The same text, or the same error, that `renderChartText` gives where the stack is large enough. */
export async function renderWithLargeStack(input: ChartInput): Promise<string> {
  const { readFile, ...values } = input.values
  const paths = (values.setFile ?? [])
    .flatMap((text) => text.split(/(?<!\\),/))
    .map((text) => text.slice(text.indexOf('=') + 1))
  const found = paths.map((path) => [path, readFile?.(path)] as const)
  const setFiles = new Map(found.flatMap(([path, bytes]) => (bytes === undefined ? [] : [[path, bytes] as const])))
  const deep: DeepInput = { input: { ...input, values }, setFiles }
  const worker = new Worker(new URL(import.meta.url), { workerData: deep, resourceLimits: { stackSizeMb: STACK_MB } })
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  worker.once('message', (answer: Answer) => resolve(answer))
  worker.once('error', reject)
  try {
    const answer = await promise
    if ('text' in answer) return answer.text
    throw new CapstanError(answer.code, answer.message)
  } finally {
    await worker.terminate()
  }
}

if (!isMainThread && parentPort !== null) parentPort.postMessage(answerOf(workerData as DeepInput)) // started above

function answerOf({ input, setFiles }: DeepInput): Answer {
  try {
    return { text: renderChartText({ ...input, values: { ...input.values, readFile: (path) => setFiles.get(path) } }) }
  } catch (error) {
    return { code: error instanceof CapstanError ? error.code : 'internal', message: messageOf(error) }
  }
}
