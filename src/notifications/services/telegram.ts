// service.telegram: messages of a bot (notifications-engine services/telegram.go).
import { CapstanError } from '../../base/errors.ts'
import { answerJson } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { textOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://api.telegram.org'

/** Options: token; apiURL (our own) for a server other than Telegram's. */
export function telegramService(options: Fields): NotificationService {
  return {
    async send({ message }, { recipient }, context) {
      const base = (textOf(options, 'apiURL') || PUBLIC_API).replace(/\/+$/, '')
      const answer = await context.http({
        method: 'POST',
        url: `${base}/bot${textOf(options, 'token')}/sendMessage`,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...placeOf(recipient), text: message, parse_mode: 'Markdown' }),
        hidesPath: true, // the token is in it
      })
      const told = answerJson(answer, 'telegram')
      if (told['ok'] !== true) throw new CapstanError('unavailable', textOf(told, 'description') || 'telegram failed')
    },
  }
}

/** `-1000000000000` is a group, `-1000000000000|2` a thread in it, anything else the name of a channel. */
function placeOf(recipient: string): object {
  if (!recipient.startsWith('-')) return { chat_id: `@${recipient}` }
  const [chat = '', thread] = recipient.split('|')
  const numbers = [chat, thread ?? '0'].map(Number)
  if (!numbers.every(Number.isSafeInteger)) throw new CapstanError('bad-input', `${recipient} is no chat of Telegram`)
  return { chat_id: numbers[0], ...(thread === undefined ? {} : { message_thread_id: numbers[1] }) }
}
