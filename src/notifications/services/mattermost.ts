// service.mattermost: posts in channels (notifications-engine services/mattermost.go).
import { postJson } from '../http.ts'
import type { NotificationService } from '../notification.ts'
import { fieldsOf, isSet, parseJsonList, textOf, type Fields } from '../options.ts'

/** Options: apiURL, token, insecureSkipVerify. The recipient is a channel's id. */
export function mattermostService(options: Fields): NotificationService {
  return {
    async send({ message, blocks }, { recipient }, context) {
      const attachments = parseJsonList(textOf(fieldsOf(blocks['mattermost']), 'attachments'), 'attachments')
      const body = { channel_id: recipient, message, props: { attachments } }
      await postJson(context, `${textOf(options, 'apiURL').replace(/\/+$/, '')}/api/v4/posts`, body, {
        headers: { Authorization: `Bearer ${textOf(options, 'token')}` },
        insecure: isSet(options, 'insecureSkipVerify'),
      })
    },
  }
}
