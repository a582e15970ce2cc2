// `--dry-run`: the calls that would be made, without the secrets in them.
import type { RequestMessage } from '../api/client/client.ts'
import { requestVerb } from '../api/client/request-verb.ts'
import { formatObject } from './output.ts'

const SECRET_FIELD = /password|token$|privatekey|keydata|certkey|clientsecret|secretaccesskey|serviceaccountkey/i
/** Those that ask, whatever their verb. */
const QUESTION = /\/(?:Get|List|Validate|Generate)\w*$/

/** What a call would send, as YAML below its name; undefined for one that changes nothing. */
export function describeChange(method: string, request: RequestMessage): string | undefined {
  if (requestVerb(method) === 'GET' || QUESTION.test(method)) return undefined
  const shown = JSON.stringify(request, (name, value: unknown) =>
    typeof value === 'string' && value !== '' && SECRET_FIELD.test(name) ? '***' : value,
  )
  return `# not sent: ${method}\n${formatObject(JSON.parse(shown), 'yaml')}`
}
