// service.email: SMTP (notifications-engine services/email.go). The library is loaded with the first message.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { NotificationService, ServiceContext } from '../notification.ts'
import { fieldsOf, isSet, numberOf, textOf, type Fields } from '../options.ts'

const CONNECT_TIMEOUT_MS = 15_000
const SOCKET_TIMEOUT_MS = 30_000
/** From here on TLS begins with the connection; elsewhere STARTTLS is used where the server offers it. */
const SMTPS_PORT = 465

/** Options: host, port, username, password, from, html, insecure_skip_verify. */
export function emailService(options: Fields): NotificationService {
  return {
    async send({ message, blocks }, { recipient }, context) {
      const block = fieldsOf(blocks['email'])
      const body = textOf(block, 'body') || message
      const to = recipient.split(',').map((address) => address.trim())
      await deliver(options, context, {
        from: textOf(options, 'from'),
        to,
        subject: textOf(block, 'subject'),
        ...(isSet(options, 'html') ? { html: body } : { text: body }),
      })
    },
  }
}

interface Mail {
  readonly from: string
  readonly to: string[]
  readonly subject: string
  readonly text?: string
  readonly html?: string
}

async function deliver(options: Fields, context: ServiceContext, mail: Mail): Promise<void> {
  const { createTransport } = await import('nodemailer')
  const host = textOf(options, 'host')
  const port = numberOf(options, 'port') ?? SMTPS_PORT
  const user = textOf(options, 'username')
  const certificates = context.certificatesOf(host)
  const transport = createTransport({
    host,
    port,
    secure: port === SMTPS_PORT,
    ...(user === '' ? {} : { auth: { user, pass: textOf(options, 'password') } }),
    tls: {
      rejectUnauthorized: !isSet(options, 'insecure_skip_verify'),
      ...(certificates === undefined ? {} : { ca: certificates }),
    },
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // A template writes text: it names no files and no addresses to be sent along.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const stop = (): void => transport.close()
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    await transport.sendMail(mail)
  } catch (error) {
    throw new CapstanError('unavailable', `mail server ${host}:${port}: ${messageOf(error)}`, { cause: error })
  } finally {
    context.signal.removeEventListener('abort', stop)
    transport.close()
  }
}
