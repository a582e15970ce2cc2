// Runs Lua scripts in a sandbox: real tables in, JSON out, with limits of time and memory.
import type { LuaEngine, LuaFactory } from 'wasmoon'
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { LuaError } from './error.ts'
import { luaLiteral, quoteLua } from './literal.ts'
import { PRELUDE } from './prelude.ts'

/** Upstream gives a script a second (argo-cd `util/lua/lua.go`, v3.5.1). */
export const DEFAULT_TIME_LIMIT_MS: number = 1000
/** Room for a script and its object above the engine itself; the largest object of a cluster has 1.5 MiB. */
export const DEFAULT_MEMORY_LIMIT_BYTES: number = 64 * 1024 * 1024

export interface LuaLimits {
  readonly timeLimitMs?: number
  readonly memoryLimitBytes?: number
}

export interface LuaScript {
  readonly script: string
  /** Names the script sees, as real tables. */
  readonly globals: Readonly<Record<string, unknown>>
  /** `useOpenLibs`: more of `os`, `io` on an empty file system, `debug.traceback`. Nothing of it reaches the machine. */
  readonly openLibs?: boolean
}

/** What a script returned: the Lua type, and the value as JSON. An empty table is an empty list, as with upstream's encoder. */
export interface LuaAnswer {
  readonly type: string
  readonly value: unknown
}

type Module = Awaited<ReturnType<LuaFactory['getLuaModule']>>

/** Loads the WebAssembly module (some 50 ms and 7 MB), once for a process that has scripts. */
export async function loadLua(limits: LuaLimits = {}): Promise<LuaMachine> {
  const { LuaEngine, LuaFactory } = await import('wasmoon')
  const module = await new LuaFactory().getLuaModule()
  return new LuaMachine((of) => new LuaEngine(of, { enableProxy: false, traceAllocations: true }), module, limits)
}

/**
 * One engine, made on the first script and kept; scripts run one after another and see nothing of each other. An engine that met a
 * limit is thrown away. Known gap: a single match of a text pattern is not interrupted, as with upstream.
 */
export class LuaMachine {
  readonly #create: (module: Module) => LuaEngine
  readonly #module: Module
  readonly #timeLimitMs: number
  readonly #memoryLimitBytes: number
  #engine: LuaEngine | undefined

  constructor(create: (module: Module) => LuaEngine, module: Module, limits: LuaLimits) {
    this.#create = create
    this.#module = module
    this.#timeLimitMs = limits.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS
    this.#memoryLimitBytes = limits.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES
  }

  /** What the script returns. Throws LuaError; `<string>:<line>:` in its text is the place in the script. */
  run({ script, globals, openLibs = false }: LuaScript): LuaAnswer {
    const call = `return __run(${quoteLua(script)}, ${openLibs}, ${luaLiteral(globals)})`
    const engine = this.#engine ?? this.#start()
    engine.global.setMemoryMax(engine.global.getMemoryUsed() + this.#memoryLimitBytes)
    // The engine compares with the machine's own time, so no other clock would do.
    engine.global.setTimeout(systemClock.now() + this.#timeLimitMs)
    try {
      return readAnswer(engine.doStringSync(call))
    } catch (error) {
      throw this.#failureOf(error)
    } finally {
      if (!engine.global.isClosed()) {
        engine.global.setTimeout(undefined)
        engine.global.setMemoryMax(undefined)
        engine.global.setTop(0)
      }
    }
  }

  close(): void {
    this.#engine?.global.close()
    this.#engine = undefined
  }

  #start(): LuaEngine {
    const engine = this.#create(this.#module)
    engine.doStringSync(PRELUDE)
    this.#engine = engine
    return engine
  }

  #failureOf(error: unknown): LuaError {
    if (error instanceof LuaError) return error
    this.close()
    const message = messageOf(error)
    if (message.includes('thread timeout exceeded')) {
      return new LuaError('timeout', `the script ran longer than ${this.#timeLimitMs} ms`, { cause: error })
    }
    if (message.includes('not enough memory')) {
      return new LuaError('memory', `the script needs more than ${this.#memoryLimitBytes} bytes of memory`, {
        cause: error,
      })
    }
    return new LuaError('script', message, { cause: error })
  }
}

/** `!text` is an error of the script, `=type:json` an answer. */
function readAnswer(answer: unknown): LuaAnswer {
  const text = typeof answer === 'string' ? answer : '!the script gave no answer'
  if (text.startsWith('!')) throw new LuaError('script', text.slice(1))
  const colon = text.indexOf(':')
  return { type: text.slice(1, colon), value: JSON.parse(text.slice(colon + 1)) }
}
