// Credentials that a program or an OIDC provider gives: left to the official client library, loaded only when needed.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import type { HttpTransportOptions } from './http-transport.ts'
import type { Entry } from './kubeconfig-file.ts'

interface Answer {
  headers?: Readonly<Record<string, string>>
  cert?: string
  key?: string
}

/** Asks once now, which finds a broken plug-in early, and again before each request: the library keeps tokens until they expire. */
export async function pluginCredentials(user: Entry, at: string): Promise<Partial<HttpTransportOptions>> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  const { exec, 'auth-provider': authProvider } = user.fields
  config.loadFromOptions({
    // Only the user's part matters here; the library refuses plain http servers.
    clusters: [{ name: 'c', server: 'https://localhost', skipTLSVerify: true }],
    users: [{ name: 'u', exec, authProvider }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  })
  const ask = async (): Promise<Answer> => {
    const answer: Answer = {}
    try {
      await config.applyToHTTPSOptions(answer)
    } catch (error) {
      throw new CapstanError(
        'unauthenticated',
        `${at}: ${exec === undefined ? 'auth-provider' : 'exec'}: ${messageOf(error)}`,
        {
          cause: error,
        },
      )
    }
    return answer
  }
  const first = await ask()
  const tls =
    first.cert === undefined || first.key === undefined
      ? {}
      : { clientCertificate: first.cert, clientKey: new Secret(first.key) }
  return { ...tls, authorize: async () => authorization((await ask()).headers) }
}

function authorization(headers: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const value = headers?.['Authorization']
  return value === undefined ? {} : { authorization: value }
}
