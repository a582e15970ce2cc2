// The commit message and README.md of hydrated manifests: Go templates with Sprig's functions, within limits.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { builtinOf } from '../../lang/go-template/builtins.ts'
import { executeTemplate } from '../../lang/go-template/execute.ts'
import type { Budget } from '../../lang/go-template/run.ts'
import { parseTemplate } from '../../lang/go-template/template-set.ts'
import { goValueOf } from '../../lang/go/json.ts'
import type { GoFunction } from '../../lang/go/values.ts'
import { sprigFunctions } from '../../lang/sprig/functions.ts'
import type { CommitMetadata } from './commit-metadata.ts'

/** Steps of one template: some thousand times what messages take. */
export const MAX_TEMPLATE_STEPS = 1_000_000
/** Characters of a message or a README. */
export const MAX_TEXT_LENGTH = 1_000_000

/** What upstream's says (argo-cd v3.5.1 `CommitMessageTemplate`): subject, body, co-authors. */
export const DEFAULT_COMMIT_MESSAGE: string = [
  '{{.metadata.drySha | trunc 7}}: {{ .metadata.subject }}',
  '{{- if .metadata.body }}',
  '',
  '{{ .metadata.body }}',
  '{{- end }}',
  '{{ range $ref := .metadata.references }}',
  '{{- if and $ref.commit $ref.commit.author }}',
  'Co-authored-by: {{ $ref.commit.author }}',
  '{{- end }}',
  '{{- end }}',
  '{{- if .metadata.author }}',
  'Co-authored-by: {{ .metadata.author }}',
  '{{- end }}',
  '',
].join('\n')

/** What upstream's says (argo-cd v3.5.1 `DefaultManifestHydrationReadmeTemplate`). */
export const DEFAULT_README: string = [
  '# Manifest Hydration',
  '',
  'To hydrate the manifests in this repository, run the following commands:',
  '',
  '```shell',
  'git clone {{ .RepoURL }}',
  '# cd into the cloned directory',
  'git checkout {{ .DrySHA }}',
  '{{ range $command := .Commands -}}',
  '{{ $command }}',
  '{{ end -}}```',
  '{{ if .References -}}',
  '',
  '## References',
  '',
  '{{ range $ref := .References -}}',
  '{{ if $ref.Commit -}}',
  '* [{{ $ref.Commit.SHA | mustRegexFind "[0-9a-f]+" | trunc 7 }}]({{ $ref.Commit.RepoURL }}): {{ $ref.Commit.Subject }} ({{ $ref.Commit.Author }})',
  '{{ end -}}',
  '{{ end -}}',
  '{{ end -}}',
].join('\n')

export class HydrationTemplates {
  readonly #functions: ReadonlyMap<string, GoFunction>

  constructor(clock: Clock) {
    // `env`, `expandenv` and `getHostByName` are not among them.
    this.#functions = sprigFunctions({
      random: (count) => randomBytes(count),
      nowMs: () => clock.now(),
      timeZone: 'UTC',
    })
  }

  /** Empty: the default. Throws `bad-input` with what the template says. */
  commitMessage(template: string, metadata: CommitMetadata): string {
    const text = template === '' ? DEFAULT_COMMIT_MESSAGE : template
    try {
      return this.#render('commit-template', text, { metadata })
    } catch (error) {
      throw failed('failed to get hydrator commit templated message', error)
    }
  }

  readme(template: string, metadata: CommitMetadata): string {
    try {
      return this.#render('readme', template === '' ? DEFAULT_README : template, structOf(metadata))
    } catch (error) {
      throw failed('failed to write readme', error)
    }
  }

  #render(name: string, text: string, data: object): string {
    const budget: Budget = { steps: MAX_TEMPLATE_STEPS, outputLength: MAX_TEXT_LENGTH }
    const hasFunction = (wanted: string): boolean => this.#functions.has(wanted) || builtinOf(wanted) !== undefined
    const set = parseTemplate(name, text, { hasFunction })
    return executeTemplate(set, name, { data: goValueOf(data), functions: this.#functions, options: { budget } })
  }
}

function failed(what: string, error: unknown): CapstanError {
  const code = error instanceof CapstanError ? error.code : 'bad-input'
  return new CapstanError(code, `${what}: ${messageOf(error)}`, { cause: error })
}

/** The README's template sees upstream's struct, whose fields all exist. */
function structOf(metadata: CommitMetadata): object {
  const { repoURL = '', drySha = '', commands = [], author = '', date = '', subject = '', body = '' } = metadata
  const References = (metadata.references ?? []).map(({ commit }) => {
    const { author: Author = '', date: Date = '', subject: Subject = '', body: Body = '', sha: SHA = '' } = commit
    return { Commit: { Author, Date, Subject, Body, SHA, RepoURL: commit.repoUrl ?? '' } }
  })
  return {
    RepoURL: repoURL,
    DrySHA: drySha,
    Commands: commands,
    Author: author,
    Date: date,
    Subject: subject,
    Body: body,
    References,
  }
}
