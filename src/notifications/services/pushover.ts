// service.pushover: messages to a user or group (notifications-engine services/pushover.go).
import { CapstanError } from '../../base/errors.ts'
import { answerJson } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { textOf, textsOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://api.pushover.net/1'

/** Options: token; apiURL (our own) for another server. The recipient is a user's key. */
export function pushoverService(options: Fields): NotificationService {
  return {
    async send({ message }, { recipient }, context) {
      const answer = await context.http({
        method: 'POST',
        url: `${(textOf(options, 'apiURL') || PUBLIC_API).replace(/\/+$/, '')}/messages.json`,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token: textOf(options, 'token'), user: recipient, message }).toString(),
      })
      const told = answerJson(answer, 'pushover')
      if (told['status'] !== 1) throw new CapstanError('unavailable', `pushover: ${textsOf(told, 'errors').join(', ')}`)
    },
  }
}
