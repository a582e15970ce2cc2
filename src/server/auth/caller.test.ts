import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { parseControlPlaneSettings } from '../../settings/control-plane.ts'
import type { Authenticator } from './authenticator.ts'
import { identityOf } from './caller.ts'

const refused = new CapstanError('unauthenticated', 'invalid session: token is expired')
const authenticator: Pick<Authenticator, 'identify'> = { identify: () => Promise.reject(refused) }

function contextOf(anonymousEnabled: boolean): Parameters<typeof identityOf>[0] {
  const settings = { ...parseControlPlaneSettings(undefined), anonymousEnabled }
  return { authenticator: authenticator as Authenticator, settings: () => settings } // only identify is called
}

for (const token of [undefined, new Secret('old')]) {
  const who = token === undefined ? 'nobody' : 'an ended session'
  test(`${who} is refused, answered as nobody by open calls, and let in as nobody where everybody is`, async () => {
    const message = token === undefined ? 'no session information' : refused.message
    await assert.rejects(identityOf(contextOf(false), token, false), { code: 'unauthenticated', message })
    assert.equal(await identityOf(contextOf(false), token, true), undefined)
    assert.equal(await identityOf(contextOf(true), token, true), undefined)
    assert.partialDeepStrictEqual(await identityOf(contextOf(true), token, false), { subject: '', groups: [] })
  })
}
