// Reads a streaming answer: one JSON document a line, each a result or an error.
import { CapstanError } from '../../base/errors.ts'

/** One message: an application with its tree is some 100 kB; nothing sensible comes near this. */
export const MAX_LINE_LENGTH: number = 64 << 20

/** The messages of an answer as they arrive; throws what the server says went wrong in the middle. */
export async function* readStream<T>(response: Response): AsyncGenerator<T> {
  if (response.body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_LENGTH) throw new CapstanError('limit', 'the server sent a message that is too long')
    for (const line of lines) if (line.trim() !== '') yield resultOf<T>(line)
  }
}

function resultOf<T>(line: string): T {
  const message = JSON.parse(line) as { readonly result?: T; readonly error?: { readonly message?: string } }
  if (message.error !== undefined) throw new CapstanError('unavailable', message.error.message ?? 'the stream broke')
  // A line without an error has a result, in the form that the call's table row names.
  return message.result as T
}
