// AWS credentials with this process' files and network: what logins to EKS and calls of AWS' services are signed with.
import { readFile } from 'node:fs/promises'
import * as aws from '../../base/aws-credentials.ts'
import type { AwsCredentials } from '../../base/aws-signature.ts'

/** Where credentials are looked for; files and network are the process' own. */
export type AwsSource = Omit<aws.AwsSource, 'host' | 'what'>

/** As base/aws-credentials.ts finds them. Throws `unauthenticated` with every place that was looked at. */
export function awsCredentials(source: AwsSource): Promise<AwsCredentials> {
  return aws.awsCredentials(hosted(source))
}

/** The credentials of a role, taken on with others. */
export function assumeRole(source: AwsSource, base: AwsCredentials, roleArn: string): Promise<AwsCredentials> {
  return aws.assumeRole(hosted(source), base, { arn: roleArn })
}

/** A profile of the shared files. */
export function readProfile(env: AwsSource['env'], name: string): ReturnType<typeof aws.readProfile> {
  return aws.readProfile({ env, host: HOST }, name)
}

const HOST: aws.AwsHost = {
  async ask(url, { timeoutMs, ...request }) {
    const answer = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) }).catch(
      (error: unknown) => {
        throw error instanceof Error && error.cause instanceof Error ? error.cause : error
      },
    )
    return { status: answer.status, text: (await answer.text()).slice(0, aws.MAX_ANSWER_LENGTH) }
  },
  async readText(path) {
    try {
      return await readFile(path, 'utf8')
    } catch {
      // A shared file that is not there is the usual case; whoever needs the file says so.
      return undefined
    }
  },
}

function hosted(source: AwsSource): aws.AwsSource {
  return { ...source, host: HOST, what: 'awsAuthConfig' }
}
