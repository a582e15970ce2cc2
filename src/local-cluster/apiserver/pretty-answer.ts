// Answers with one field a line, for people who ask with curl or a browser (apiserver `handlers/negotiation`, `isPrettyPrint`, 1.36.3).
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'

/** Programs that people use by hand. */
const BY_HAND = /^(?:curl|Wget|Mozilla\/5\.0)/
/** What Go's ParseBool takes for true. */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])

/** The answer in lines where the client wants that; streams and other media types stay as they are. */
export function prettyAnswer(request: ApiRequest, answer: ApiResponse): ApiResponse {
  // Asked first: the body of a list is made when it is looked at.
  if (!wantsLines(request)) return answer
  const { body, headers } = answer
  if (typeof body !== 'string' || headers['content-type'] !== 'application/json') return answer
  return { ...answer, body: inLines(body) }
}

function wantsLines({ path, headers }: ApiRequest): boolean {
  const isByHand = BY_HAND.test(headers['user-agent'] ?? '')
  if (!isByHand && !path.includes('pretty=')) return false
  if (!/^\/apis?(?:[/?]|$)/.test(path)) return false
  const query = path.indexOf('?')
  const asked = query < 0 ? null : new URLSearchParams(path.slice(query)).get('pretty')
  return asked === null || asked === '' ? isByHand : TRUE.has(asked)
}

/** JSON text indented by two, as Go's MarshalIndent does; numbers keep the digits they have. */
export function inLines(text: string): string {
  let out = ''
  let indent = ''
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    switch (character) {
      case '"': {
        const end = endOfText(text, index)
        out += text.slice(index, end)
        index = end - 1
        break
      }
      case '{':
      case '[': {
        const next = text[index + 1]
        if (next === '}' || next === ']') {
          out += character + next
          index += 1
        } else {
          indent += '  '
          out += `${character}\n${indent}`
        }
        break
      }
      case '}':
      case ']':
        indent = indent.slice(2)
        out += `\n${indent}${character}`
        break
      case ',':
        out += `,\n${indent}`
        break
      case ':':
        out += ': '
        break
      default:
        if (character !== '\n' && character !== ' ') out += character
    }
  }
  return out
}

function endOfText(text: string, start: number): number {
  let index = start + 1
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index + 1
}
