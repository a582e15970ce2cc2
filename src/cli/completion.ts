// `completion bash|zsh|fish`: words that shells complete, made of the command tree.
import { Option, type Command } from 'commander'
import { refusal, type CliContext } from './context.ts'
import { addVerb } from './verb.ts'

/** One command with what may stand behind it. */
interface Words {
  /** Its words without the program's name; empty for the program. */
  readonly path: string
  readonly commands: readonly Described[]
  readonly flags: readonly Described[]
}

interface Described {
  readonly word: string
  readonly about: string
}

/** `loadAll` gives the whole tree: only this command needs all of it. */
export function addCompletion(program: Command, context: CliContext, loadAll: () => Promise<Command>): void {
  addVerb(program, context, {
    words: 'completion <shell>',
    about: 'print what a shell needs to complete commands: bash, zsh or fish',
    examples: [
      'completion bash > /etc/bash_completion.d/capstan',
      'completion zsh > "${fpath[1]}/_capstan"',
      'completion fish > ~/.config/fish/completions/capstan.fish',
    ],
    async run({ args: [shell = ''] }) {
      const script = SHELLS[shell]
      if (script === undefined)
        throw refusal(`there is no completion for ${shell}; one of ${Object.keys(SHELLS).join(', ')}`)
      context.write(script(wordsOf(await loadAll(), '')))
    },
  })
}

const SHELLS: Readonly<Record<string, (words: readonly Words[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

function wordsOf(command: Command, path: string): readonly Words[] {
  const commands = command.commands.map((child) => ({ word: child.name(), about: child.description() }))
  const shown = command.options.filter((option) => !option.hidden)
  const flags = [...shown, new Option('--help', 'show help')].map(({ long, short, description }) => ({
    word: long ?? short ?? '',
    about: description,
  }))
  const below = command.commands.flatMap((child) => wordsOf(child, `${path} ${child.name()}`.trim()))
  return [{ path, commands, flags }, ...below]
}

/** The longest path of words that is a command, kept in `at`; shared by both shells with the same syntax. */
function cases(words: readonly Words[], line: (entry: Words) => string): string {
  return words.map((entry) => `    ${JSON.stringify(entry.path)}) ${line(entry)} ;;\n`).join('')
}

function paths(words: readonly Words[]): string {
  return words.map(({ path }) => `    ${JSON.stringify(path)}) at="$next" ;;\n`).join('')
}

function bashScript(words: readonly Words[]): string {
  const choices = cases(words, ({ commands, flags }) => {
    const join = (list: readonly Described[]): string => list.map(({ word }) => word).join(' ')
    return `commands=${JSON.stringify(join(commands))}; flags=${JSON.stringify(join(flags))}`
  })
  return `# bash completion of capstan
_capstan() {
  local at="" next word commands="" flags="" index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    [[ $word == -* ]] && continue
    next="\${at:+$at }$word"
    case "$next" in
${paths(words)}    esac
  done
  case "$at" in
${choices}  esac
  if [[ \${COMP_WORDS[COMP_CWORD]} == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "\${COMP_WORDS[COMP_CWORD]}"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "\${COMP_WORDS[COMP_CWORD]}"))
  else
    COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  fi
}
complete -F _capstan capstan
`
}

function zshScript(words: readonly Words[]): string {
  const choices = cases(words, ({ commands, flags }) => {
    const join = (list: readonly Described[]): string =>
      list.map(({ word, about }) => zshWord(`${word}:${about}`)).join(' ')
    return `commands=(${join(commands)}); flags=(${join(flags)})`
  })
  return `#compdef capstan
# zsh completion of capstan
_capstan() {
  local at="" next word
  local -a commands flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && continue
    next="\${at:+$at }$word"
    case "$next" in
${paths(words)}    esac
  done
  case "$at" in
${choices}  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe 'flag' flags
  elif (( \${#commands} > 0 )); then
    _describe 'command' commands
  else
    _files
  fi
}
compdef _capstan capstan
`
}

/** Colons part the word from what it is; a quote ends the text. */
function zshWord(text: string): string {
  const [word = '', ...about] = text.split(':')
  return `'${[word, about.join(' ')].join(':').replaceAll("'", '’')}'`
}

function fishScript(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, flags }) => {
    const at = `complete -c capstan -n '__capstan_at "${path}"'`
    return [
      ...commands.map(({ word, about }) => `${at} -f -a ${word} -d ${fishText(about)}`),
      ...flags.map(({ word, about }) => `${at} -l ${word.replace(/^-+/, '')} -d ${fishText(about)}`),
    ]
  })
  const known = words.map(({ path }) => fishText(path)).join(' ')
  return `# fish completion of capstan
set -g __capstan_paths ${known}
function __capstan_at
  set -l path ""
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    set -l next (string trim "$path $word")
    contains -- $next $__capstan_paths; and set path $next
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`
}

function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
