// service.teams-workflows: adaptive cards through workflows of Microsoft Teams (notifications-engine services/teams-workflows.go).
import { CapstanError } from '../../base/errors.ts'
import { answerText, isSuccess } from '../http.ts'
import type { Notification, NotificationService } from '../notification.ts'
import {
  entryOf,
  fieldsOf,
  isSet,
  listOf,
  parseJson,
  parseJsonList,
  textMapOf,
  textOf,
  type Fields,
} from '../options.ts'

const WORKFLOW =
  /api\.powerautomate\.com|api\.powerplatform\.com|flow\.microsoft\.com|webhook\.office\.com\/workflows|\/powerautomate\//i

/** Options: recipientUrls by recipient, insecureSkipVerify. */
export function teamsWorkflowsService(options: Fields): NotificationService {
  const addresses = textMapOf(options, 'recipientUrls')
  return {
    async send(notification, { recipient }, context) {
      const url = entryOf(addresses, recipient)
      if (url === undefined) {
        throw new CapstanError('bad-input', `no teams-workflows webhook configured for recipient ${recipient}`)
      }
      requireWorkflow(url, recipient)
      const answer = await context.http({
        method: 'POST',
        url,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(messageOf(notification)),
        insecure: isSet(options, 'insecureSkipVerify'),
        hidesPath: true,
      })
      if (isSuccess(answer)) return
      const reason = answerText(answer) || 'no error details provided'
      throw new CapstanError('unavailable', `teams workflows webhook post error (status ${answer.status}): ${reason}`)
    },
  }
}

/** Plain HTTP only to this machine, and only addresses that look like a workflow's. */
function requireWorkflow(url: string, recipient: string): void {
  const { protocol, hostname = '' } = URL.parse(url) ?? {}
  const isLocal = hostname === 'localhost' || hostname.startsWith('127.')
  const isFine = protocol === 'https:' || (protocol === 'http:' && isLocal)
  if (isFine && WORKFLOW.test(url)) return
  const reason = isFine
    ? 'webhook URL does not appear to be a valid Microsoft Teams Workflows URL (Power Automate)'
    : 'webhook URL must use HTTPS scheme'
  throw new CapstanError('bad-input', `invalid webhook URL for recipient ${recipient}: ${reason}`)
}

function messageOf({ message, blocks }: Notification): unknown {
  const block = fieldsOf(blocks['teams-workflows'])
  const written = textOf(block, 'adaptiveCard').trim()
  const content = written === '' ? cardOf(message, block) : parseJson(written, 'teams-workflows adaptiveCard')
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', content }
  return { type: 'message', attachments: [attachment] }
}

function cardOf(message: string, block: Fields): unknown {
  const title = textOf(block, 'title')
  const text = textOf(block, 'text') || message
  const color = textOf(block, 'themeColor')
  const heading = { type: 'TextBlock', text: title, size: 'Large', weight: 'Bolder' }
  const factLists = [
    parseJsonList(textOf(block, 'facts'), 'teams-workflows facts'),
    ...parseJsonList(textOf(block, 'sections'), 'teams-workflows sections').map((one) =>
      listOf(fieldsOf(one), 'facts'),
    ),
  ]
  const actions = parseJsonList(textOf(block, 'potentialAction'), 'teams-workflows potential action').flatMap(actionOf)
  return {
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      ...(title === '' ? [] : [{ ...heading, ...(color === '' ? {} : { color }), wrap: true }]),
      ...(text === '' ? [] : [{ type: 'TextBlock', text, wrap: true }]),
      ...factLists.flatMap(factSet),
    ],
    ...(actions.length === 0 ? {} : { actions }),
  }
}

function factSet(facts: readonly unknown[]): readonly unknown[] {
  const shown = facts
    .map(fieldsOf)
    .filter((fact) => typeof fact['name'] === 'string')
    .map((fact) => ({ title: textOf(fact, 'name'), value: textOf(fact, 'value') }))
  return shown.length === 0 ? [] : [{ type: 'FactSet', facts: shown }]
}

/** Of the old cards' actions only links have their like. */
function actionOf(action: unknown): readonly unknown[] {
  const fields = fieldsOf(action)
  const url = textOf(fieldsOf(listOf(fields, 'targets')[0]), 'uri')
  if (fields['@type'] !== 'OpenUri' || url === '') return []
  return [{ type: 'Action.OpenUrl', title: textOf(fields, 'name'), url }]
}
