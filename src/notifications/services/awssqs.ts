// service.awssqs: messages in a queue of Amazon SQS, by its query protocol (notifications-engine services/awssqs.go).
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { awsCredentials } from '../../kube/client/aws-credentials.ts'
import { signPost, type AwsCredentials } from '../../base/aws-signature.ts'
import { isSuccess, refused } from '../http.ts'
import type { NotificationService, ServiceContext } from '../notification.ts'
import { fieldsOf, textMapOf, textOf, type Fields } from '../options.ts'

const VERSION = '2012-11-05'
/** Upstream's; a FIFO queue takes none. */
const DELAY_SECONDS = '10'

/** Options: queue, account, region, endpointUrl, key, secret. The recipient is a queue, before that of the options. */
export function awsSqsService(options: Fields): NotificationService {
  return {
    async send({ message, blocks }, { recipient }, context) {
      const block = fieldsOf(blocks['awssqs'])
      const account = textOf(options, 'account')
      const found = await ask(context, options, {
        Action: 'GetQueueUrl',
        QueueName: recipient || textOf(options, 'queue'),
        ...(account === '' ? {} : { QueueOwnerAWSAccountId: account }),
      })
      const queue = /<QueueUrl>(?<url>[^<]+)<\/QueueUrl>/.exec(found)?.groups?.['url']
      if (queue === undefined) throw new CapstanError('unavailable', 'awssqs: the answer names no queue')
      const group = textOf(block, 'messageGroupId')
      await ask(context, options, {
        Action: 'SendMessage',
        QueueUrl: queue,
        MessageBody: message,
        ...(group === '' ? { DelaySeconds: DELAY_SECONDS } : { MessageGroupId: group }),
        ...attributesOf(textMapOf(block, 'messageAttributes')),
      })
    },
  }
}

function attributesOf(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const form: Record<string, string> = {}
  for (const [index, [name, value]] of Object.entries(attributes).entries()) {
    const prefix = `MessageAttribute.${index + 1}`
    form[`${prefix}.Name`] = name
    form[`${prefix}.Value.DataType`] = 'String'
    form[`${prefix}.Value.StringValue`] = value
  }
  return form
}

async function ask(context: ServiceContext, options: Fields, form: Readonly<Record<string, string>>): Promise<string> {
  const { environment } = context
  const named = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? ''
  const region = textOf(options, 'region') || named
  if (region === '') throw new CapstanError('bad-input', 'service.awssqs: region is missing')
  const url = new URL(textOf(options, 'endpointUrl') || `https://sqs.${region}.amazonaws.com/`)
  const body = new URLSearchParams({ ...form, Version: VERSION }).toString()
  const credentials = await credentialsOf(options, region, context)
  const { host: _host, ...headers } = signPost(url, body, {
    credentials,
    region,
    service: 'sqs',
    nowMs: context.nowMs(),
  })
  const question = { method: 'POST', url: url.href, headers, body } as const
  const answer = await context.http(question)
  if (!isSuccess(answer)) throw refused(question, answer)
  return answer.body.toString('utf8')
}

async function credentialsOf(options: Fields, region: string, context: ServiceContext): Promise<AwsCredentials> {
  const [key, secret] = [textOf(options, 'key'), textOf(options, 'secret')]
  if (key !== '' && secret !== '') return { accessKeyId: key, secretAccessKey: new Secret(secret) }
  return awsCredentials({ env: context.environment, region, now: context.nowMs })
}
