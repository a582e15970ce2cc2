// service.slack: Slack's web API, with threads (notifications-engine services/slack.go, util/slack).
import { CapstanError } from '../../base/errors.ts'
import { answerJson, isSuccess, refused, retryAfterMs } from '../http.ts'
import type { Block, Notification, NotificationService, ServiceContext } from '../notification.ts'
import { fieldsOf, isSet, parseJsonList, textOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://slack.com/api/'
/** Slack says how long to wait when it is asked too often. */
const MAX_ATTEMPTS = 5
const EMOJI = /^:.+:$/

type Form = Readonly<Record<string, string>>

/** Options: token, username, icon, apiURL, disableUnfurl, insecureSkipVerify. */
export function slackService(options: Fields): NotificationService {
  return {
    async send(notification, { recipient }, context) {
      const block = fieldsOf(notification.blocks['slack'])
      const form = messageForm(notification, options, block)
      const key = `slack ${recipient} ${textOf(block, 'groupingKey')}`
      const hasThread = textOf(block, 'groupingKey') !== ''
      const thread = hasThread ? context.memory.get(key) : undefined
      const policy = textOf(block, 'deliveryPolicy')
      const call = { options, context }
      if (thread === undefined || policy !== 'Update') {
        const broadcast: Form = isSet(block, 'notifyBroadcast') ? { reply_broadcast: 'true' } : {}
        const place: Form = thread === undefined ? {} : { thread_ts: timeOf(thread) }
        const posted = await callSlack(call, 'chat.postMessage', {
          ...form,
          ...broadcast,
          ...place,
          channel: recipient,
        })
        if (hasThread && thread === undefined) context.memory.set(key, `${posted.channel} ${posted.time}`)
      }
      if (thread !== undefined && (policy === 'Update' || policy === 'PostAndUpdate')) {
        const place = { channel: channelOf(thread), ts: timeOf(thread), as_user: 'true' }
        await callSlack(call, 'chat.update', { ...form, ...place })
      }
    },
  }
}

function channelOf(thread: string): string {
  return thread.split(' ')[0] ?? ''
}

function timeOf(thread: string): string {
  return thread.split(' ')[1] ?? ''
}

function messageForm({ message }: Notification, options: Fields, block: Block | Fields): Form {
  const username = textOf(block, 'username') || textOf(options, 'username')
  const attachments = parseJsonList(textOf(block, 'attachments'), 'attachments')
  const blocks = parseJsonList(textOf(block, 'blocks'), 'blocks')
  return {
    text: message,
    ...(username === '' ? {} : { username }),
    ...iconOf(textOf(block, 'icon') || textOf(options, 'icon')),
    ...(attachments.length === 0 ? {} : { attachments: JSON.stringify(attachments) }),
    ...(blocks.length === 0 ? {} : { blocks: JSON.stringify(blocks) }),
    ...(isSet(options, 'disableUnfurl') ? { unfurl_links: 'false', unfurl_media: 'false' } : {}),
  }
}

function iconOf(icon: string): Form {
  if (EMOJI.test(icon)) return { icon_emoji: icon }
  const { protocol } = URL.parse(icon) ?? {}
  return protocol === 'http:' || protocol === 'https:' ? { icon_url: icon } : {}
}

interface SlackCall {
  readonly options: Fields
  readonly context: ServiceContext
}

async function callSlack(
  { options, context }: SlackCall,
  method: string,
  form: Form,
): Promise<{ readonly channel: string; readonly time: string }> {
  const token = textOf(options, 'token')
  const question = {
    method: 'POST',
    url: (textOf(options, 'apiURL') || PUBLIC_API).replace(/\/?$/, '/') + method,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: `Bearer ${token}` },
    body: new URLSearchParams({ ...form, token }).toString(),
    insecure: isSet(options, 'insecureSkipVerify'),
  } as const
  for (let attempt = 1; ; attempt++) {
    const answer = await context.http(question)
    if (answer.status === 429 && attempt < MAX_ATTEMPTS) {
      await context.pause(retryAfterMs(answer) ?? 1000)
      continue
    }
    if (!isSuccess(answer)) throw refused(question, answer)
    const told = answerJson(answer, `slack ${method}`)
    if (told['ok'] !== true) throw new CapstanError('unavailable', textOf(told, 'error') || `slack ${method} failed`)
    return { channel: textOf(told, 'channel'), time: textOf(told, 'ts') }
  }
}
