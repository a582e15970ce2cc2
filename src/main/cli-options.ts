// ARGOCD_OPTS: flags for all commands, as words of a shell (util/config/env.go, v3.5.1).
import { CapstanError } from '../base/errors.ts'
import type { GlobalFlags } from '../cli/context.ts'

/** The flags of the environment that mean something to a connection; others are passed over, as upstream has it. */
export function flagsOfEnvironment(env: Readonly<Record<string, string | undefined>>): GlobalFlags {
  const texts = new Map<string, string[]>()
  for (const [name, value] of flagWords(shellWords(env['ARGOCD_OPTS'] ?? ''))) {
    texts.set(name, [...(texts.get(name) ?? []), value])
  }
  return flagsOf((name) => texts.get(name))
}

/** `--name=value`, `--name value` and `--name`, which is true. */
function* flagWords(words: readonly string[]): Generator<readonly [name: string, value: string]> {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] === '-H' ? '--header' : (words[at] ?? '')
    const { name, value } = /^--(?<name>[a-z-]+)(?:=(?<value>.*))?$/s.exec(word)?.groups ?? {}
    if (name === undefined) throw new CapstanError('bad-input', `ARGOCD_OPTS: ${word} is no flag`)
    const next = words[at + 1]
    if (value !== undefined) yield [name, value]
    else if (next === undefined || next.startsWith('-')) yield [name, 'true']
    else {
      at++
      yield [name, next]
    }
  }
}

function flagsOf(valuesOf: (name: string) => readonly string[] | undefined): GlobalFlags {
  const text = (name: string): string | undefined => valuesOf(name)?.at(-1)
  const truth = (name: string): boolean | undefined => {
    const value = text(name)
    return value === undefined ? undefined : /^(?:1|t|true)$/i.test(value)
  }
  const flags = {
    server: text('server'),
    authToken: text('auth-token'),
    plaintext: truth('plaintext'),
    insecure: truth('insecure'),
    config: text('config'),
    argocdContext: text('argocd-context'),
    grpcWeb: truth('grpc-web'),
    grpcWebRootPath: text('grpc-web-root-path'),
    header: valuesOf('header'),
    serverCrt: text('server-crt'),
    clientCrt: text('client-crt'),
    clientCrtKey: text('client-crt-key'),
    promptsEnabled: truth('prompts-enabled'),
    core: truth('core'),
    kubeContext: text('kube-context'),
  }
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
}

/** Words with quotes and backslashes, as a POSIX shell splits them. */
function shellWords(line: string): readonly string[] {
  const word = /\s*(?<word>(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)/suy
  const words: string[] = []
  while (word.lastIndex < line.trimEnd().length) {
    const at = word.lastIndex
    const found = word.exec(line)?.groups?.['word']
    if (found === undefined)
      throw new CapstanError('bad-input', `ARGOCD_OPTS: a quote is not closed at ${line.slice(at)}`)
    words.push(
      found.replaceAll(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gsu,
        (_, single?: string, double?: string, escaped?: string) =>
          single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
      ),
    )
  }
  return words
}
