// service.rocketchat: messages after a login (notifications-engine services/rocketchat.go).
import { CapstanError } from '../../base/errors.ts'
import { answerJson, postJson } from '../http.ts'
import type { NotificationService, ServiceContext } from '../notification.ts'
import { fieldsOf, parseJsonList, textOf, type Fields } from '../options.ts'

const EMOJI = /^:.+:$/

/** Options: serverUrl, email, password, alias, icon, avatar. */
export function rocketChatService(options: Fields): NotificationService {
  const base = textOf(options, 'serverUrl').replace(/\/+$/, '')
  return {
    async send({ message, blocks }, { recipient }, context) {
      const headers = await login(base, options, context)
      const attachments = parseJsonList(textOf(fieldsOf(blocks['rocketchat']), 'attachments'), 'attachments')
      const body = {
        ...(/^[#@]/.test(recipient) ? { channel: recipient } : { roomId: recipient }),
        text: message,
        ...looksOf(options),
        ...(attachments.length === 0 ? {} : { attachments }),
      }
      const answer = await postJson(context, `${base}/api/v1/chat.postMessage`, body, { headers })
      const told = answerJson(answer, 'rocketchat')
      if (told['success'] !== true) throw new CapstanError('unavailable', textOf(told, 'error') || 'rocketchat failed')
    },
  }
}

async function login(base: string, options: Fields, context: ServiceContext): Promise<Record<string, string>> {
  const credentials = { user: textOf(options, 'email'), password: textOf(options, 'password') }
  const answer = await postJson(context, `${base}/api/v1/login`, credentials)
  const data = fieldsOf(answerJson(answer, 'rocketchat login')['data'])
  const token = textOf(data, 'authToken')
  if (token === '') throw new CapstanError('unauthenticated', 'rocketchat: the login gave no token')
  return { 'X-Auth-Token': token, 'X-User-Id': textOf(data, 'userId') }
}

function looksOf(options: Fields): object {
  const [alias, icon, avatar] = [textOf(options, 'alias'), textOf(options, 'icon'), textOf(options, 'avatar')]
  const { protocol } = URL.parse(avatar) ?? {}
  return {
    ...(alias === '' ? {} : { alias }),
    ...(EMOJI.test(icon) ? { emoji: icon } : {}),
    ...(protocol === 'http:' || protocol === 'https:' ? { avatar } : {}),
  }
}
