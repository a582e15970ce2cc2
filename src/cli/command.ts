// Commands that read flags as the originals do: `--flag=false`, `-o=json`.
import { Command, type Option } from 'commander'
import { booleanOf } from './flags.ts'

/** commander's command with the spellings of Go's pflag; those below it are of the same kind. */
export class FlagCommand extends Command {
  override createCommand(name?: string): FlagCommand {
    return new FlagCommand(name)
  }

  override parseOptions(words: string[]): { operands: string[]; unknown: string[] } {
    return super.parseOptions(this.#plainWords(words))
  }

  /** Words before `--` in the form that commander knows; what stands behind a command below is left to that. */
  #plainWords(words: readonly string[]): string[] {
    const plain: string[] = []
    let isValue = false
    for (const [index, word] of words.entries()) {
      if (!isValue && (word === '--' || this.#isBelow(word))) return [...plain, ...words.slice(index)]
      const read = isValue ? word : this.#readBoolean(word)
      if (read !== undefined) plain.push(read)
      isValue = !isValue && this.options.some((option) => option.required && isNamed(option, word))
    }
    return plain
  }

  #isBelow(word: string): boolean {
    return this.commands.some((command) => command.name() === word || command.aliases().includes(word))
  }

  /** The word in commander's form; undefined where it was a flag with a truth, which is set here. */
  #readBoolean(word: string): string | undefined {
    const { short, long, value } = /^(?:(?<short>-[A-Za-z])|(?<long>--[^=]+))=(?<value>.*)$/su.exec(word)?.groups ?? {}
    const name = short ?? long
    if (name === undefined || value === undefined) return this.#readPositive(word)
    const option = this.options.find((one) => isNamed(one, name)) ?? this.#negatedBy(name)
    if (option === undefined || option.required || option.optional) return short === undefined ? word : short + value
    const truth = booleanOf(value)
    if (truth === undefined)
      this.error(`error: option '${option.flags}' argument '${value}' is invalid. ${JSON.stringify(value)} is neither true nor false`) // prettier-ignore
    this.setOptionValueWithSource(option.attributeName(), truth, 'cli')
    return undefined
  }

  /** `--validate` where only `--no-validate` is described. */
  #readPositive(word: string): string | undefined {
    if (this.options.some((option) => isNamed(option, word))) return word
    const option = this.#negatedBy(word)
    if (option === undefined) return word
    this.setOptionValueWithSource(option.attributeName(), true, 'cli')
    return undefined
  }

  #negatedBy(name: string): Option | undefined {
    return this.options.find(({ negate, long }) => negate && long === name.replace(/^--/, '--no-'))
  }
}

function isNamed({ short, long }: Option, word: string): boolean {
  return word === short || word === long
}
