// The files of a simulated container: what is mounted into it, and what its own commands have written.
import type { MachineFiles } from './shell/machine.ts'

/** What one container may write in all. */
export const MAX_WRITTEN_BYTES: number = 4 * 1024 * 1024
export const MAX_WRITTEN_FILES = 1_000
/** Linux' PATH_MAX. */
export const MAX_PATH_LENGTH = 4096

const DIRECTORIES = ['/', '/bin', '/dev', '/etc', '/home', '/proc', '/root', '/run', '/tmp', '/usr', '/var', '/var/log']

/** Lives as long as one run of a container. Texts are bytes, a character each. */
export class ContainerFiles implements MachineFiles {
  #mounted: ReadonlyMap<string, string> = new Map()
  #readOnly: readonly string[] = []
  readonly #written = new Map<string, string>()
  readonly #directories = new Set(DIRECTORIES)
  #size = 0

  /** Replaces what is mounted; `roots` are the mount points, which nobody can write to. */
  mount(files: ReadonlyMap<string, string>, roots: readonly string[]): void {
    this.#mounted = files
    this.#readOnly = roots
  }

  read(path: string): string | undefined {
    return this.#mounted.get(path) ?? this.#written.get(path)
  }

  list(path: string): readonly string[] | undefined {
    const prefix = path === '/' ? '/' : `${path}/`
    const names = new Set<string>()
    for (const known of [...this.#mounted.keys(), ...this.#written.keys(), ...this.#directories, ...this.#readOnly]) {
      if (known.startsWith(prefix) && known !== prefix) names.add(known.slice(prefix.length).split('/', 1)[0] ?? '')
    }
    const exists = names.size > 0 || this.#directories.has(path) || this.#readOnly.includes(path)
    return exists ? [...names].toSorted() : undefined
  }

  write(path: string, text: string): string | undefined {
    const refused = this.#refusal(path)
    if (refused !== undefined) return refused
    if (this.list(path) !== undefined) return 'Is a directory'
    const size = this.#size - (this.#written.get(path)?.length ?? 0) + text.length
    const isOneTooMany = this.#written.size >= MAX_WRITTEN_FILES && !this.#written.has(path)
    if (size > MAX_WRITTEN_BYTES || isOneTooMany) return 'No space left on device'
    this.#size = size
    this.#written.set(path, text)
    return undefined
  }

  remove(path: string): boolean {
    const prefix = `${path}/`
    const gone = [...this.#written.keys()].filter((one) => one === path || one.startsWith(prefix))
    for (const one of gone) {
      this.#size -= this.#written.get(one)?.length ?? 0
      this.#written.delete(one)
    }
    return this.#directories.delete(path) || gone.length > 0
  }

  makeDirectory(path: string): string | undefined {
    const refused = this.#refusal(path)
    if (refused !== undefined) return refused
    const parts = path.split('/')
    for (let end = 2; end <= parts.length; end++) {
      if (this.#directories.size >= MAX_WRITTEN_FILES) return 'No space left on device'
      this.#directories.add(parts.slice(0, end).join('/'))
    }
    return undefined
  }

  #refusal(path: string): string | undefined {
    if (path.length > MAX_PATH_LENGTH) return 'File name too long'
    const isMounted = this.#readOnly.some((root) => path === root || path.startsWith(`${root}/`))
    return isMounted ? 'Read-only file system' : undefined
  }
}
