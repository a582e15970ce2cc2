// service.grafana: annotations with tags (notifications-engine services/grafana.go).
import { isSuccess, refused } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { isSet, textOf, type Fields } from '../options.ts'

/** Options: apiUrl (with /api), apiKey, insecureSkipVerify. The recipient is a list of tags between `|`. */
export function grafanaService(options: Fields): NotificationService {
  return {
    async send({ message }, { recipient }, context) {
      const time = Math.floor(context.nowMs() / 1000) * 1000
      const question = {
        method: 'POST',
        url: `${textOf(options, 'apiUrl').replace(/\/+$/, '')}/annotations`,
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${textOf(options, 'apiKey')}` },
        body: JSON.stringify({ time, isRegion: false, tags: recipient.split('|'), text: message }),
        insecure: isSet(options, 'insecureSkipVerify'),
      } as const
      const answer = await context.http(question)
      if (!isSuccess(answer)) throw refused(question, answer)
    },
  }
}
