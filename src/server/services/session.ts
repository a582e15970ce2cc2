// session.SessionService and version.VersionService: who am I, log in, log out, what is this.
import { Secret } from '../../base/secret.ts'
import { CapstanError } from '../../base/errors.ts'
import type { Call, ServiceHandlers } from '../context.ts'
import { textField, type RequestFields } from './fields.ts'

export const sessionService: ServiceHandlers = {
  async GetUserInfo(_request, call) {
    const { identity } = call
    if (identity === undefined) return { loggedIn: false }
    return { loggedIn: true, username: identity.username, iss: identity.issuer, groups: identity.groups }
  },
  async Create(request: RequestFields, call: Call) {
    const [username, password] = [textField(request, 'username'), textField(request, 'password')]
    if (textField(request, 'token') !== '') {
      throw new CapstanError(
        'unauthenticated',
        'token-based session creation no longer supported. please upgrade argocd cli to v0.7+',
      )
    }
    if (username === '' || password === '') throw new CapstanError('unauthenticated', 'no credentials supplied')
    return { token: await call.context.authenticator.login(username, new Secret(password), call.signal) }
  },
  async Delete(_request, call) {
    if (call.token !== undefined) await call.context.authenticator.revoke(call.token.reveal())
    return { token: '' }
  },
}

export const versionService: ServiceHandlers = {
  async Version(_request, call) {
    const { version } = call.context
    if (call.identity === undefined) return { Version: version }
    return {
      Version: version,
      Platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
      KustomizeVersion: 'v5.8.1 (in process)',
      HelmVersion: 'v4.2.1 (in process)',
      KubectlVersion: 'v1.36.3 (in process)',
    }
  },
}
