// service.teams: cards through webhooks of Microsoft Teams' connectors (notifications-engine services/teams.go).
import { CapstanError } from '../../base/errors.ts'
import { answerText } from '../http.ts'
import type { Notification, NotificationService } from '../notification.ts'
import { entryOf, fieldsOf, parseJsonList, textMapOf, textOf, type Fields } from '../options.ts'

/** Options: recipientUrls by recipient. */
export function teamsService(options: Fields): NotificationService {
  const addresses = textMapOf(options, 'recipientUrls')
  return {
    async send(notification, { recipient }, context) {
      const url = entryOf(addresses, recipient)
      if (url === undefined) {
        throw new CapstanError('bad-input', `no teams webhook configured for recipient ${recipient}`)
      }
      const headers = { 'Content-Type': 'application/json' }
      const body = messageText(notification)
      const answer = await context.http({ method: 'POST', url, headers, body, hidesPath: true })
      // The connector answers 200 to what it refuses, with the reason.
      if (answerText(answer) !== '1') {
        throw new CapstanError('unavailable', `teams webhook post error: ${answerText(answer)}`)
      }
    },
  }
}

function messageText({ message, blocks }: Notification): string {
  const block = fieldsOf(blocks['teams'])
  const template = textOf(block, 'template')
  if (template !== '') return template
  const facts = parseJsonList(textOf(block, 'facts'), 'teams facts')
  const sections = parseJsonList(textOf(block, 'sections'), 'teams sections')
  const all = facts.length === 0 ? sections : [...sections, { facts }]
  const actions = parseJsonList(textOf(block, 'potentialAction'), 'teams potential action')
  const color = textOf(block, 'themeColor')
  return JSON.stringify({
    '@type': 'MessageCard',
    context: 'https://schema.org/extensions',
    title: textOf(block, 'title'),
    summary: textOf(block, 'summary'),
    text: textOf(block, 'text') || message,
    ...(color === '' ? {} : { themeColor: color }),
    ...(actions.length === 0 ? {} : { potentialAction: actions }),
    ...(all.length === 0 ? {} : { sections: all }),
  })
}
