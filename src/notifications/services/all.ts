// Every kind of service by its type in `service.<type>`.
import { CapstanError } from '../../base/errors.ts'
import type { NotificationService } from '../notification.ts'
import { fieldsOf, type Fields } from '../options.ts'
import { alertmanagerService } from './alertmanager.ts'
import { awsSqsService } from './awssqs.ts'
import { emailService } from './email.ts'
import { githubService } from './github.ts'
import { googleChatService } from './googlechat.ts'
import { grafanaService } from './grafana.ts'
import { mattermostService } from './mattermost.ts'
import { newrelicService } from './newrelic.ts'
import { opsgenieService } from './opsgenie.ts'
import { pagerdutyService } from './pagerduty.ts'
import { pagerdutyV2Service } from './pagerdutyv2.ts'
import { pushoverService } from './pushover.ts'
import { rocketChatService } from './rocketchat.ts'
import { slackService } from './slack.ts'
import { teamsService } from './teams.ts'
import { teamsWorkflowsService } from './teams-workflows.ts'
import { telegramService } from './telegram.ts'
import { webexService } from './webex.ts'
import { webhookService } from './webhook.ts'

const SERVICES: ReadonlyMap<string, (options: Fields) => NotificationService> = new Map([
  ['alertmanager', alertmanagerService],
  ['awssqs', awsSqsService],
  ['email', emailService],
  ['github', githubService],
  ['googlechat', googleChatService],
  ['grafana', grafanaService],
  ['mattermost', mattermostService],
  ['newrelic', newrelicService],
  ['opsgenie', opsgenieService],
  ['pagerduty', pagerdutyService],
  ['pagerdutyv2', pagerdutyV2Service],
  ['pushover', pushoverService],
  ['rocketchat', rocketChatService],
  ['slack', slackService],
  ['teams', teamsService],
  ['teams-workflows', teamsWorkflowsService],
  ['telegram', telegramService],
  ['webex', webexService],
  ['webhook', webhookService],
])

/** Throws where there is no such type. */
export function createService(type: string, options: unknown): NotificationService {
  const make = SERVICES.get(type)
  if (make === undefined) throw new CapstanError('bad-input', `service type '${type}' is not supported`)
  return make(fieldsOf(options))
}
