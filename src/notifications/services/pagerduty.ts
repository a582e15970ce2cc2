// service.pagerduty: incidents (notifications-engine services/pagerduty.go).
import { CapstanError } from '../../base/errors.ts'
import { postJson } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { textOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://api.pagerduty.com'

/** Options: token, from; apiURL (our own) for another server. The recipient is a service's id. */
export function pagerdutyService(options: Fields): NotificationService {
  return {
    async send({ blocks }, { recipient }, context) {
      const block = blocks['pagerduty']
      if (block === undefined) throw new CapstanError('bad-input', 'no config found for pagerduty')
      const priority = textOf(block, 'priorityId')
      const urgency = textOf(block, 'urgency')
      const incident = {
        type: 'incident',
        title: textOf(block, 'title'),
        service: { id: recipient, type: 'service_reference' },
        ...(priority === '' ? {} : { priority: { id: priority, type: 'priority' } }),
        ...(urgency === '' ? {} : { urgency }),
        body: { type: 'incident_body', details: textOf(block, 'body') },
      }
      const base = (textOf(options, 'apiURL') || PUBLIC_API).replace(/\/+$/, '')
      await postJson(
        context,
        `${base}/incidents`,
        { incident },
        {
          headers: {
            Accept: 'application/vnd.pagerduty+json;version=2',
            Authorization: `Token token=${textOf(options, 'token')}`,
            From: textOf(options, 'from'),
          },
        },
      )
    },
  }
}
