// service.newrelic: deployment markers (notifications-engine services/newrelic.go).
import { CapstanError } from '../../base/errors.ts'
import { postJson } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { textOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://api.newrelic.com'

/** Options: apiKey, apiURL. The recipient is an application's id. */
export function newrelicService(options: Fields): NotificationService {
  return {
    async send({ message, blocks }, { recipient }, context) {
      const key = textOf(options, 'apiKey')
      if (key === '') throw new CapstanError('bad-input', 'apiKey is missing')
      const block = blocks['newrelic']
      if (block === undefined) throw new CapstanError('bad-input', 'config is missing')
      const base = (textOf(options, 'apiURL') || PUBLIC_API).replace(/\/+$/, '')
      const more = ['changelog', 'user'].map((name) => [name, textOf(block, name)] as const)
      const deployment = {
        revision: textOf(block, 'revision'),
        description: textOf(block, 'description') || message,
        ...Object.fromEntries(more.filter(([, text]) => text !== '')),
      }
      const url = `${base}/v2/applications/${encodeURIComponent(recipient)}/deployments.json`
      await postJson(context, url, { deployment }, { headers: { 'X-Api-Key': key } })
    },
  }
}
