// A registry of this process that tests of the registry client ask, and what they say of the answers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import { parseImageReference, type ImageReference } from '../../src/registry/image-reference.ts'
import { RegistryClient, type Access, type RegistryClientOptions } from '../../src/registry/registry-client.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import { startOciRegistry, type OciRegistry, type OciRegistryOptions } from './oci-registry.ts'

/** A registry of this process and a client of it. */
export interface RegistryScene {
  readonly registry: OciRegistry
  readonly client: RegistryClient
  readonly image: (name: string) => ImageReference
}

/** Who may log in, and what bob alone may pull. */
const users = { ann: { password: 'pä:ss' }, bob: { password: 'b', mayPull: ['other'] } }

/** Registry and client are closed with the test. */
export async function registryScene(
  t: TestContext,
  options: OciRegistryOptions = {},
  more: Partial<RegistryClientOptions> = {},
): Promise<RegistryScene> {
  const registry = await startOciRegistry(t, { users, ...options })
  const client = new RegistryClient({ clock: systemClock, ...more })
  t.after(() => client.close())
  return { registry, client, image: (name) => parseImageReference(`${registry.host}/${name}`) }
}

/** Access with a password. */
export function as(username: string, password: string): Access {
  return { credential: { username, password: new Secret(password) } }
}

/** The kind of failure and its message, without the registry's port. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    return `${error.failure}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`
  }
  return 'no failure'
}

/** Answers a request instead of the registry; false leaves it to the registry. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => boolean

export function answer(status: number, headers: Readonly<Record<string, string>>, body = ''): Answer {
  return (_request, response) => {
    response.writeHead(status, headers)
    response.end(body)
    return true
  }
}

/** Only for what begins so. */
export function at(prefix: string, then: Answer): Answer {
  return (request, response) => (request.url?.startsWith(prefix) === true ? then(request, response) : false)
}
