// Errors of generators: the text of the cause after what was tried, as upstream prints them.
import { CapstanError, messageOf } from '../base/errors.ts'

/** An error that says what was being done; its code is the cause's. */
export function failed(doing: string, cause: unknown, separator = ': '): CapstanError {
  const code = cause instanceof CapstanError ? cause.code : 'unavailable'
  return new CapstanError(code, `${doing}${separator}${messageOf(cause)}`, { cause })
}

/** What the action gives; its error says what was being done. */
export async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw failed(doing, error)
  }
}
