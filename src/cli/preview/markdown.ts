// A preview as a comment on a pull request: folded, and no longer than forges take.
import type { ApplicationChange, PreviewReport } from '../../preview/contract.ts'
import { differenceOf, nameOf, summary } from './text.ts'

/** GitHub refuses comments above 65,536 characters; others take more. */
export const MAX_COMMENT_LENGTH = 65_000

/** What does not fit is said to be left out, application by application: the first ones are whole. */
export function previewMarkdown(report: PreviewReport): string {
  const title = `## Preview\n\n${summary(report)} (\`${short(report.base)}\`…\`${short(report.head)}\`)\n`
  const problems = report.problems.map((problem) => `- ${inline(problem)}\n`).join('')
  const parts = [title, problems === '' ? '' : `\n**Could not be read**\n\n${problems}`]
  let length = parts.join('').length
  let left = 0
  for (const application of report.applications) {
    const text = `\n${sectionOf(application)}`
    const fits = length + text.length <= MAX_COMMENT_LENGTH - ROOM_FOR_REST
    if (fits) {
      parts.push(text)
      length += text.length
    } else left++
  }
  if (left > 0) parts.push(`\n${left} more would make this comment too long: run \`capstan preview\` to see them.\n`)
  return parts.join('').slice(0, MAX_COMMENT_LENGTH)
}

const ROOM_FOR_REST = 200

function sectionOf({ name, change, from, error, resources }: ApplicationChange): string {
  const head = `<summary><b>${escaped(name)}</b> ${change} (${escaped(from)})</summary>`
  const body =
    error === undefined
      ? resources.map((one) => `**${inline(nameOf(one))}** ${one.change}\n\n${fenced(differenceOf(one))}`).join('\n')
      : fenced(`${error}\n`, '')
  return `<details>${head}\n\n${body}\n</details>\n`
}

/** A fence longer than any run of backticks inside. */
function fenced(text: string, language = 'diff'): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}${fence}\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** On one line, and without a meaning to Markdown or HTML. */
function inline(text: string): string {
  return escaped(text.replaceAll(/\s+/g, ' ')).replaceAll(/[\\`*_[\]]/g, (sign) => `\\${sign}`)
}

function short(commit: string): string {
  return commit.slice(0, 7)
}
