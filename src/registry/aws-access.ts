// Whose AWS credentials a registry's login is asked for with: its own keys or the control plane's, and the roles on top.
import { assumeRole, awsCredentials, AwsError, type AwsSource } from '../base/aws-credentials.ts'
import type { AwsCredentials } from '../base/aws-signature.ts'
import type { Clock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { AwsIdentity } from '../settings/registry-credential.ts'
import { awsPrincipal } from '../settings/registry-identity.ts'
import type { CloudCalls } from './cloud-calls.ts'
import { IssueError } from './issue-error.ts'

/** Temporary credentials are given up this long before their end, or with a fifth of their life left. */
const MARGIN_MS = 300_000
const WHAT = 'AWS'

interface Kept {
  readonly credentials: AwsCredentials
  readonly untilMs: number
}

/** Keeps temporary credentials while they last, and what the servers' clock is ahead of ours. */
export class AwsAccess {
  readonly #clock: Clock
  readonly #env: AwsSource['env']
  readonly #calls: CloudCalls
  readonly #kept = new Map<string, Kept>()
  #skewMs = 0

  constructor(options: { readonly clock: Clock; readonly env: AwsSource['env']; readonly calls: CloudCalls }) {
    this.#clock = options.clock
    this.#env = options.env
    this.#calls = options.calls
  }

  /** Time as AWS has it, as far as known. */
  now(): number {
    return this.#clock.now() + this.#skewMs
  }

  /** Milliseconds to take from times of AWS to get this machine's. */
  get skewMs(): number {
    return this.#skewMs
  }

  /** Remembers how far off this machine's clock is. True where that is news: what was signed before was signed for another time. */
  learnTime(dateMs: number | undefined): boolean {
    if (dateMs === undefined) return false
    const skewMs = dateMs - this.#clock.now()
    if (Math.abs(skewMs - this.#skewMs) < NOTICED_SKEW_MS) return false
    this.#skewMs = Math.abs(skewMs) < NOTICED_SKEW_MS ? 0 : skewMs
    return true
  }

  /** Throws `IssueError` with what STS said, or with every place that was looked at. */
  async credentials(identity: AwsIdentity, region: string): Promise<AwsCredentials> {
    const key = `${region} ${awsPrincipal(identity)}`
    const kept = this.#kept.get(key)
    if (kept !== undefined && kept.untilMs > this.now()) return kept.credentials
    this.#kept.delete(key)
    const credentials = await this.#ask(identity, region)
    const { expiresAtMs } = credentials
    if (expiresAtMs !== undefined) {
      const untilMs = expiresAtMs - Math.min(MARGIN_MS, (expiresAtMs - this.now()) / 5)
      this.#kept.set(key, { credentials, untilMs })
    }
    return credentials
  }

  /** They were refused as expired: the next ones are asked for. */
  forget(identity: AwsIdentity, region: string): void {
    this.#kept.delete(`${region} ${awsPrincipal(identity)}`)
  }

  async #ask(identity: AwsIdentity, region: string): Promise<AwsCredentials> {
    try {
      return await this.#chain(identity, region)
    } catch (error) {
      if (error instanceof AwsError && isAboutTime(error) && this.learnTime(error.answer?.dateMs)) {
        return this.#chain(identity, region).catch((again: unknown) => {
          throw asIssueError(again)
        })
      }
      throw asIssueError(error)
    }
  }

  async #chain(
    { accessKeyId, secretAccessKey, sessionToken, roles }: AwsIdentity,
    region: string,
  ): Promise<AwsCredentials> {
    const now = (): number => this.now()
    const source: AwsSource = { env: this.#env, region, now, host: this.#calls.awsHost, what: WHAT }
    const session = sessionToken === undefined ? {} : { sessionToken }
    const isOwn = accessKeyId !== undefined && secretAccessKey !== undefined
    let credentials = isOwn ? { accessKeyId, secretAccessKey, ...session } : await awsCredentials(source)
    for (const role of roles) credentials = await assumeRole(source, credentials, role)
    return credentials
  }
}

/** AWS takes signatures five minutes old; less than this is what answers take on their way. */
export const NOTICED_SKEW_MS = 30_000

function isAboutTime({ message, awsCode }: AwsError): boolean {
  return isTimeRefusal(awsCode, message)
}

/** Whether a signature was refused because the two clocks differ. */
export function isTimeRefusal(code: string, message: string): boolean {
  if (/RequestExpired|RequestTimeTooSkewed|RequestInTheFuture/.test(code)) return true
  return /Signature/.test(code) && /expired|not yet current|is now earlier|is now later/i.test(message)
}

/** Codes that pass by themselves (botocore's list of what is retried). */
const PASSING =
  /^(?:Throttling|ThrottlingException|ThrottledException|RequestThrottledException|TooManyRequestsException|RequestLimitExceeded|RequestThrottled|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete|TransactionInProgressException|ServerException|InternalFailure|InternalError|ServiceUnavailable|ServiceUnavailableException|IDPCommunicationError|RequestTimeout|RequestTimeoutException)$/

/** Whether asking again later can help. */
export function isPassing(status: number, code: string): boolean {
  return status >= 500 || status === 429 || PASSING.test(code)
}

function asIssueError(error: unknown): unknown {
  if (!(error instanceof CapstanError) || error instanceof IssueError) return error
  const isTemporary =
    error instanceof AwsError && (error.answer === undefined || isPassing(error.answer.status, error.awsCode))
  return new IssueError(isTemporary ? 'temporary' : 'configuration', error.message, { cause: error })
}
