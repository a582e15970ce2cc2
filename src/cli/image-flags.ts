// `--verify-images`: flags of every command that runs simulated nodes.
import type { Command } from 'commander'
import { collect } from './flags.ts'

/** Which images the simulated nodes ask registries for. */
export interface ImageFlags {
  readonly verifyImages?: boolean
  readonly insecureRegistry?: readonly string[]
}

export function addImageFlags(command: Command): Command {
  return command
    .option('--verify-images', 'simulated nodes ask registries for images, with the pull secrets of their pods')
    .option(
      '--insecure-registry <host>',
      'with --verify-images: a registry that may speak plain http (repeatable)',
      collect,
    )
}
