// service.alertmanager: alerts for one or several Alertmanagers (notifications-engine services/alertmanager.go).
import { CapstanError, messageOf } from '../../base/errors.ts'
import { postJson } from '../http.ts'
import type { Block, NotificationService, ServiceContext } from '../notification.ts'
import { fieldsOf, isSet, numberOf, textMapOf, textOf, textsOf, type Fields } from '../options.ts'
import { basicLogin } from './webhook.ts'

/** Options: targets, scheme, apiPath, basicAuth, bearerToken, timeout in seconds, insecureSkipVerify. */
export function alertmanagerService(options: Fields): NotificationService {
  const targets = textsOf(options, 'targets')
  return {
    async send({ blocks }, _destination, context) {
      const alert = alertOf(blocks['alertmanager'], context)
      const wanted = targets.length === 0 ? ['127.0.0.1:9093'] : targets
      const sent = await Promise.allSettled(wanted.map((target) => sendTo(target, alert, options, context)))
      if (sent.some(({ status }) => status === 'fulfilled')) return
      const reasons = sent.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []))
      const text = 'no events were successfully received by alertmanager'
      throw new CapstanError('unavailable', `${text}: ${reasons.join('; ')}`)
    },
  }
}

function alertOf(block: Block | undefined, context: ServiceContext): unknown {
  if (block === undefined) throw new CapstanError('bad-input', 'notification alertmanager no config')
  const labels = textMapOf(block, 'labels')
  if (Object.keys(labels).length === 0) {
    throw new CapstanError('bad-input', 'alertmanager at least one label pair required')
  }
  const address = textOf(block, 'generatorURL')
  return {
    labels: { ...(Object.hasOwn(labels, 'alertname') ? {} : { alertname: 'argocd-notifications' }), ...labels },
    annotations: textMapOf(block, 'annotations'),
    generatorURL: address.startsWith('git@') ? `https://${address.slice(4).replace(':', '/')}` : address,
    startsAt: new Date(context.nowMs()).toISOString(),
  }
}

async function sendTo(target: string, alert: unknown, options: Fields, context: ServiceContext): Promise<void> {
  const url = `${textOf(options, 'scheme') || 'http'}://${target}${textOf(options, 'apiPath') || '/api/v2/alerts'}`
  const login = options['basicAuth']
  const token = textOf(options, 'bearerToken')
  const bearer: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` }
  await postJson(context, url, [alert], {
    headers: login === undefined || login === null ? bearer : { Authorization: basicLogin(fieldsOf(login)) },
    insecure: isSet(options, 'insecureSkipVerify'),
    timeoutMs: (numberOf(options, 'timeout') || 3) * 1000,
  })
}
