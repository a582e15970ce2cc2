// service.pagerdutyv2: events for a service's integration (notifications-engine services/pagerdutyv2.go).
import { CapstanError } from '../../base/errors.ts'
import { postJson } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { entryOf, textMapOf, textOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://events.pagerduty.com'

/** Options: serviceKeys by recipient; apiURL (our own) for another server. */
export function pagerdutyV2Service(options: Fields): NotificationService {
  const keys = textMapOf(options, 'serviceKeys')
  return {
    async send({ blocks }, { recipient }, context) {
      const key = entryOf(keys, recipient)
      if (key === undefined) throw new CapstanError('bad-input', `no API key configured for recipient ${recipient}`)
      const block = blocks['pagerdutyv2']
      if (block === undefined) throw new CapstanError('bad-input', 'no config found for pagerdutyv2')
      const names = ['summary', 'severity', 'source', 'component', 'group', 'class']
      const payload = names.map((name) => [name, textOf(block, name)] as const).filter(([, text]) => text !== '')
      const link = textOf(block, 'url')
      const base = (textOf(options, 'apiURL') || PUBLIC_API).replace(/\/+$/, '')
      await postJson(context, `${base}/v2/enqueue`, {
        routing_key: key,
        event_action: 'trigger',
        payload: Object.fromEntries(payload),
        client: 'ArgoCD',
        ...(link === '' ? {} : { client_url: link }),
      })
    },
  }
}
