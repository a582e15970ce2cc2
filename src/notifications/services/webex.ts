// service.webex: messages to a person or room (notifications-engine services/webex.go).
import { postJson } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { textOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://webexapis.com'
const ADDRESS = /^\S+@\S+\.\S+$/

/** Options: token, apiURL. The recipient is a mail address or a room's id. */
export function webexService(options: Fields): NotificationService {
  return {
    async send({ message }, { recipient }, context) {
      const base = (textOf(options, 'apiURL') || PUBLIC_API).replace(/\/+$/, '')
      const place = ADDRESS.test(recipient) ? { toPersonEmail: recipient } : { roomId: recipient }
      const headers = { Authorization: `Bearer ${textOf(options, 'token')}` }
      await postJson(context, `${base}/v1/messages`, { ...place, markdown: message }, { headers })
    },
  }
}
