// service.opsgenie: alerts for a team (notifications-engine services/opsgenie.go).
import { CapstanError } from '../../base/errors.ts'
import { postJson } from '../http.ts'
import type { Block, NotificationService } from '../notification.ts'
import { entryOf, fieldsOf, listOf, textMapOf, textOf, textsOf, type Fields } from '../options.ts'

/** Opsgenie takes no longer message. */
const MAX_MESSAGE = 130

/** Options: apiUrl, apiKeys by team. The recipient is a team. */
export function opsgenieService(options: Fields): NotificationService {
  const keys = textMapOf(options, 'apiKeys')
  return {
    async send({ message, blocks }, { recipient }, context) {
      const key = entryOf(keys, recipient)
      if (key === undefined) throw new CapstanError('bad-input', `no API key configured for recipient ${recipient}`)
      const host = (textOf(options, 'apiUrl') || 'api.opsgenie.com').replace(/\/+$/, '')
      const body = {
        message: message.slice(0, MAX_MESSAGE),
        ...alertOf(blocks['opsgenie']),
        responders: [{ type: 'team', id: recipient }],
        source: 'Argo CD',
      }
      const url = `${/^https?:\/\//.test(host) ? '' : 'https://'}${host}/v2/alerts`
      await postJson(context, url, body, { headers: { Authorization: `GenieKey ${key}` } })
    },
  }
}

function alertOf(block: Block | undefined): object {
  if (block === undefined) return {}
  if (textOf(block, 'description') === '') {
    throw new CapstanError('bad-input', 'opsgenie notification description is missing')
  }
  const texts = ['description', 'priority', 'alias', 'note', 'entity', 'user'].map((name) => [
    name,
    textOf(block, name),
  ])
  const lists = ['actions', 'tags'].map((name) => [name, textsOf(block, name)] as const)
  const details = textMapOf(block, 'details')
  const visibleTo = listOf(block, 'visibleTo').map(responder)
  return {
    ...Object.fromEntries(texts.filter(([, text]) => text !== '')),
    ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)),
    ...(Object.keys(details).length === 0 ? {} : { details }),
    ...(visibleTo.length === 0 ? {} : { visibleTo }),
  }
}

/** Go reads field names in either case. */
function responder(value: unknown): object {
  const entries = Object.entries(fieldsOf(value)).filter(([, text]) => text !== '')
  return Object.fromEntries(entries.map(([name, text]) => [name.toLowerCase(), text]))
}
