// service.googlechat: messages and cards through webhooks of spaces (notifications-engine services/googlechat.go).
import { CapstanError } from '../../base/errors.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { answerJson } from '../http.ts'
import type { Notification, NotificationService, ServiceContext } from '../notification.ts'
import { entryOf, fieldsOf, textMapOf, textOf, type Fields } from '../options.ts'

/** Options: webhooks by recipient. */
export function googleChatService(options: Fields): NotificationService {
  const webhooks = textMapOf(options, 'webhooks')
  return {
    async send(notification, { recipient }, context) {
      const address = entryOf(webhooks, recipient)
      if (address === undefined) {
        const reason = `error creating client to webhook: no Google chat webhook configured for recipient ${recipient}`
        throw new CapstanError('bad-input', reason)
      }
      const answer = await context.http({
        method: 'POST',
        url: withThread(address, textOf(fieldsOf(notification.blocks['googlechat']), 'threadKey')),
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(messageOf(notification, context)),
        hidesPath: true,
      })
      const error = answerJson(answer, 'cannot send message')['error']
      if (error === undefined || error === null) return
      const told = fieldsOf(error)
      const reason = `code=${textOf(told, 'code')} status=${textOf(told, 'status')} message=${textOf(told, 'message')}`
      throw new CapstanError('unavailable', `error with message: ${reason}`)
    },
  }
}

function withThread(address: string, thread: string): string {
  const url = URL.parse(address)
  if (url === null || thread === '') return address
  url.searchParams.append('threadKey', thread)
  url.searchParams.append('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD')
  return url.href
}

function messageOf({ message, blocks }: Notification, context: ServiceContext): unknown {
  const block = fieldsOf(blocks['googlechat'])
  const [cards, modern] = [textOf(block, 'cards'), textOf(block, 'cardsV2')]
  if (cards === '' && modern === '') return { text: message }
  return {
    text: '',
    ...(cards === '' ? {} : { cards: parseYaml(cards) }),
    ...(modern === '' ? {} : { cardsV2: listOfYaml(modern).map((card) => ({ cardId: context.uuid(), card })) }),
  }
}

function listOfYaml(text: string): readonly unknown[] {
  const value: unknown = parseYaml(text)
  if (Array.isArray(value)) return value
  throw new CapstanError('bad-input', 'cannot create message: cardsV2 is no list')
}
