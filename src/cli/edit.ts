// Changes a text in the person's editor until the server takes it (util/cli InteractiveEdit, v3.5.1).
import { messageOf } from '../base/errors.ts'
import type { CliContext } from './context.ts'

/** Attempts after which a text that is refused each time is given up. */
const MAX_ATTEMPTS = 20

/**
 * Shows `text`, hands what was saved to `take`, and shows it again with the reason where `take` throws.
 * Saved unchanged, nothing is done.
 */
export async function editUntilTaken(
  context: CliContext,
  text: string,
  name: string,
  take: (edited: string) => Promise<void>,
): Promise<void> {
  let shown = text
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const edited = withoutReason(await context.edit(shown, name))
    // A refused text left as it is would be refused again.
    if (edited === withoutReason(shown) || edited.trim() === '') {
      context.write('Edit cancelled, no changes made.\n')
      return
    }
    try {
      await take(edited)
      return
    } catch (error) {
      shown = `${reasonLines(messageOf(error))}${edited}`
    }
  }
}

const REASON = '# error: '

function reasonLines(reason: string): string {
  return reason
    .split('\n')
    .map((line) => `${REASON}${line}\n`)
    .join('')
}

function withoutReason(text: string): string {
  const lines = text.split('\n')
  return lines.filter((line) => !line.startsWith(REASON)).join('\n')
}
