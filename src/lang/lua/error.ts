// How a script fails.

export type LuaErrorCode = 'script' | 'timeout' | 'memory' | 'limit'

/** A script that failed (`script`, with Lua's own text), or met the limit of time, memory or nesting. */
export class LuaError extends Error {
  readonly code: LuaErrorCode

  constructor(code: LuaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LuaError'
    this.code = code
  }
}
