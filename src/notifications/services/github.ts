// service.github: commit statuses, deployments, comments on pull requests, check runs and dispatches, as a GitHub App.
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { fullName } from '../git-url.ts'
import { answerJson, answerText, isSuccess, refused } from '../http.ts'
import { PointlessDelivery } from '../notification.ts'
import type { HttpMethod, NotificationService, ServiceContext } from '../notification.ts'
import { fieldsOf, isSet, numberOf, parseJson, textOf, textsOf, type Fields } from '../options.ts'

const PUBLIC_API = 'https://api.github.com'
/** GitHub's own bounds of a description and of a comment. */
const MAX_DESCRIPTION = 140
const MAX_COMMENT = 65_536

interface Repository {
  readonly options: Fields
  readonly context: ServiceContext
  readonly token: Secret
  readonly path: string
  readonly revision: string
}

/** Options: appID, installationID, privateKey, enterpriseBaseURL. */
export function githubService(options: Fields): NotificationService {
  return {
    async send({ message, blocks }, _destination, context) {
      const block = blocks['github']
      if (block === undefined) throw new CapstanError('bad-input', 'config is empty')
      const repoURL = textOf(block, 'repoURLPath')
      const name = fullName(repoURL)
      if (!name.includes('/')) {
        throw new CapstanError('bad-input', `GitHub.repoURL (${repoURL}) does not have a \`/\``)
      }
      const token = await context.githubToken(appOf(options), repoURL)
      const revision = textOf(block, 'revisionPath')
      const repository = { options, context, token, path: `/repos/${name}`, revision }
      const description = shortened(message, MAX_DESCRIPTION)
      for (const [part, report] of Object.entries(REPORTS)) {
        const wanted = block[part]
        if (wanted !== undefined && wanted !== null) await report(repository, fieldsOf(wanted), description)
      }
    },
  }
}

function appOf(options: Fields): Parameters<ServiceContext['githubToken']>[0] {
  const [id, installationId] = [numberOf(options, 'appID'), numberOf(options, 'installationID')]
  if (id === undefined) throw new CapstanError('bad-input', 'service.github: appID is missing or no number')
  const base = textOf(options, 'enterpriseBaseURL')
  return {
    id,
    ...(installationId === undefined ? {} : { installationId }),
    privateKey: new Secret(textOf(options, 'privateKey')),
    ...(base === '' ? {} : { baseUrl: base }),
  }
}

type Report = (repository: Repository, fields: Fields, description: string) => Promise<void>

/** In upstream's order. */
const REPORTS: Readonly<Record<string, Report>> = {
  status: reportStatus,
  deployment: reportDeployment,
  pullRequestComment: comment,
  checkRun: reportCheckRun,
  repositoryDispatch: dispatch,
}

async function reportStatus(repository: Repository, fields: Fields, description: string): Promise<void> {
  const { path, revision } = repository
  const body = {
    state: textOf(fields, 'state'),
    target_url: textOf(fields, 'targetURL'),
    description,
    context: textOf(fields, 'label'),
  }
  const answer = await ask(repository, 'POST', `${path}/statuses/${revision}`, body)
  // A commit takes 1,000 statuses of a context: no other attempt will help.
  if (answer.status === 422)
    throw new PointlessDelivery(`too many commit statuses for ${revision}: ${answerText(answer)}`)
  requireSuccess(repository, answer, `${path}/statuses`)
}

async function reportDeployment(repository: Repository, fields: Fields, description: string): Promise<void> {
  const { path, revision } = repository
  const environment = textOf(fields, 'environment')
  const query = new URLSearchParams({ ref: revision, environment })
  const known = await askFor(repository, 'GET', `${path}/deployments?${query.toString()}`)
  const [first] = Array.isArray(known) ? known : []
  const deployment = fieldsOf(first ?? (await createDeployment(repository, fields, environment)))
  await askFor(repository, 'POST', `${path}/deployments/${textOf(deployment, 'id')}/statuses`, {
    state: textOf(fields, 'state'),
    log_url: textOf(fields, 'logURL'),
    description,
    environment,
    environment_url: textOf(fields, 'environmentURL'),
  })
}

function createDeployment(repository: Repository, fields: Fields, environment: string): Promise<unknown> {
  const contexts = fields['requiredContexts']
  return askFor(repository, 'POST', `${repository.path}/deployments`, {
    ref: textOf(fields, 'reference') || repository.revision,
    environment,
    ...(contexts === undefined ? {} : { required_contexts: textsOf(fields, 'requiredContexts') }),
    auto_merge: fields['autoMerge'] === undefined ? true : isSet(fields, 'autoMerge'),
    transient_environment: isSet(fields, 'transientEnvironment'),
  })
}

/** On every pull request with the commit; a comment with the same tag is replaced. */
async function comment(repository: Repository, fields: Fields): Promise<void> {
  const { path, revision } = repository
  const tag = textOf(fields, 'commentTag')
  const mark = tag === '' ? '' : `<!-- argocd-notifications ${tag} -->`
  const content = shortened(textOf(fields, 'content'), MAX_COMMENT - mark.length - 1)
  const body = mark === '' ? content : `${content}\n${mark}`
  const pulls = await askFor(repository, 'GET', `${path}/commits/${revision}/pulls`)
  for (const pull of Array.isArray(pulls) ? pulls.map(fieldsOf) : []) {
    const issue = `${path}/issues/${textOf(pull, 'number')}/comments`
    const earlier = mark === '' ? undefined : await findComment(repository, issue, mark)
    if (earlier === undefined) await askFor(repository, 'POST', issue, { body })
    else await askFor(repository, 'PATCH', `${path}/issues/comments/${earlier}`, { body })
  }
}

async function findComment(repository: Repository, issue: string, mark: string): Promise<string | undefined> {
  const comments = await askFor(repository, 'GET', issue)
  const found = (Array.isArray(comments) ? comments.map(fieldsOf) : []).find((one) =>
    textOf(one, 'body').includes(mark),
  )
  return found === undefined ? undefined : textOf(found, 'id')
}

async function reportCheckRun(repository: Repository, fields: Fields): Promise<void> {
  const conclusion = textOf(fields, 'conclusion')
  const completed = textOf(fields, 'completed_at')
  const status = textOf(fields, 'status') || (conclusion === '' ? '' : 'completed')
  if ((status === 'completed' || completed !== '') && conclusion === '') {
    const reason = 'github checkrun: conclusion is required when status is completed or completed_at is set'
    throw new CapstanError('bad-input', reason)
  }
  const output = fields['output']
  const texts = { details_url: textOf(fields, 'details_url'), status, conclusion }
  const times = { started_at: textOf(fields, 'started_at'), completed_at: completed }
  await askFor(repository, 'POST', `${repository.path}/check-runs`, {
    name: textOf(fields, 'name'),
    head_sha: repository.revision,
    external_id: 'argocd-notifications',
    ...Object.fromEntries(Object.entries({ ...texts, ...times }).filter(([, value]) => value !== '')),
    ...(output === undefined || output === null ? {} : { output }),
  })
}

async function dispatch(repository: Repository, fields: Fields): Promise<void> {
  const payload = textOf(fields, 'client_payload')
  await askFor(repository, 'POST', `${repository.path}/dispatches`, {
    event_type: textOf(fields, 'event_type'),
    ...(payload === '' ? {} : { client_payload: parseJson(payload, 'client_payload') }),
  })
}

function shortened(text: string, most: number): string {
  const runes = Array.from(text)
  return runes.length > most ? `${runes.slice(0, most - 3).join('')}...` : text
}

type Answer = Awaited<ReturnType<ServiceContext['http']>>

function ask(repository: Repository, method: HttpMethod, path: string, body?: unknown): Promise<Answer> {
  return repository.context.http({
    method,
    url: apiOf(repository.options) + path,
    headers: {
      Accept: 'application/vnd.github+json',
      Authorization: `Bearer ${repository.token.reveal()}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    insecure: isSet(repository.options, 'insecureSkipVerify'),
  })
}

/** The answer's JSON; throws where it is no success. */
async function askFor(repository: Repository, method: HttpMethod, path: string, body?: unknown): Promise<unknown> {
  const answer = await ask(repository, method, path, body)
  requireSuccess(repository, answer, path)
  if (answer.body.length === 0) return undefined
  const text = answer.body.toString('utf8')
  return text.startsWith('[') ? parseJson(text, 'the answer of GitHub') : answerJson(answer, 'github')
}

function requireSuccess({ options }: Repository, answer: Answer, path: string): void {
  if (!isSuccess(answer)) throw refused({ url: apiOf(options) + path }, answer)
}

/** An enterprise server has its API below /api/v3. */
function apiOf(options: Fields): string {
  const base = textOf(options, 'enterpriseBaseURL').replace(/\/+$/, '')
  if (base === '') return PUBLIC_API
  return base.endsWith('/api/v3') ? base : `${base}/api/v3`
}
