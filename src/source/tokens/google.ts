// Access tokens of Google Cloud for the keys of service accounts, and for the credentials of users.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { readJson, requestToken, type TokenContext, type TrustFor } from './token-endpoint.ts'
import type { AccessToken } from './token-cache.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const TOKEN_URI = 'https://oauth2.googleapis.com/token'
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const ASSERTION_LIFE_S = 3600
const WHAT = 'failed to get access token from creds'

/** The user name that goes with the token: the account's e-mail address. Throws `bad-input` for what is no key. */
export function googleUser(key: Secret): string {
  return textOf(fieldsOf(key), 'client_email') ?? ''
}

/** A new token, by the token URI of the key itself. Throws `CapstanError`; no text holds a part of the key. */
export async function requestGoogleToken(key: Secret, trustFor: TrustFor, context: TokenContext): Promise<AccessToken> {
  const fields = fieldsOf(key)
  const tokenUri = textOf(fields, 'token_uri') ?? TOKEN_URI
  const type = textOf(fields, 'type') ?? 'service_account'
  const asked = { ...context, trustFor }
  switch (type) {
    case 'service_account': {
      const assertion = await signAssertion(fields, tokenUri, context)
      return requestToken(WHAT, tokenUri, { grant_type: GRANT, assertion }, asked)
    }
    case 'authorized_user': {
      const form = {
        grant_type: 'refresh_token',
        client_id: required(fields, 'client_id'),
        client_secret: required(fields, 'client_secret'),
        refresh_token: required(fields, 'refresh_token'),
      }
      return requestToken(WHAT, tokenUri, form, asked)
    }
    default:
      throw new CapstanError(
        'unsupported',
        `gcpServiceAccountKey: credentials of type ${JSON.stringify(type)} are not supported; give the key of a service account`,
      )
  }
}

async function signAssertion(
  fields: Readonly<Record<string, unknown>>,
  audience: string,
  { clock, sign }: TokenContext,
): Promise<string> {
  const iat = Math.floor(clock.now() / 1000)
  const iss = required(fields, 'client_email')
  const claims = { iss, scope: SCOPE, aud: audience, iat, exp: iat + ASSERTION_LIFE_S }
  const kid = textOf(fields, 'private_key_id')
  const key = new Secret(required(fields, 'private_key'))
  try {
    return await sign(claims, key, ...(kid === undefined ? [] : [{ kid }]))
  } catch (error) {
    throw new CapstanError('bad-input', `gcpServiceAccountKey: private_key is no PEM key (${messageOf(error)})`, {
      cause: error,
    })
  }
}

function fieldsOf(key: Secret): Readonly<Record<string, unknown>> {
  const fields = readJson(Buffer.from(key.reveal()))
  if (Object.keys(fields).length > 0) return fields
  throw new CapstanError(
    'bad-input',
    'credentials for Google Cloud Source repositories are invalid: gcpServiceAccountKey must be the JSON file of a key, pasted whole',
  )
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function required(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = textOf(fields, name)
  if (value !== undefined) return value
  throw new CapstanError('bad-input', `gcpServiceAccountKey: ${name} is missing: paste the whole JSON file of the key`)
}
