// Tests the form of a repository: kinds, faults and the message it makes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  emptyRepository,
  formOfRepository,
  kindOf,
  repositoryFaults,
  toCredentials,
  toRepository,
  type RepositoryForm,
} from './repository.ts'

function form(values: Partial<RepositoryForm>): RepositoryForm {
  return { ...emptyRepository, ...values }
}

test('sends what belongs to the kind and nothing else', () => {
  const filled = form({
    url: ' https://git.example.com/a.git ',
    username: 'bot',
    password: 'pass',
    sshPrivateKey: 'left from another kind',
    depth: '1',
    insecure: true,
  })

  assert.deepEqual(toRepository(filled), {
    repo: 'https://git.example.com/a.git',
    type: 'git',
    username: 'bot',
    password: 'pass',
    insecure: true,
    depth: 1,
  })
  assert.deepEqual(toCredentials({ ...filled, kind: 'helm' }), {
    url: 'https://git.example.com/a.git',
    type: 'helm',
    username: 'bot',
    password: 'pass',
  })
})

test('keeps the line end of a key', () => {
  const key = '-----BEGIN KEY-----\nabc\n-----END KEY-----\n'

  assert.equal(toRepository(form({ kind: 'ssh', url: 'git@h:a', sshPrivateKey: key })).sshPrivateKey, key)
})

test('tells the kind of what is registered', () => {
  const cases = [
    [{ repo: 'https://h/a' }, 'https'],
    [{ repo: 'git@h:a/b' }, 'ssh'],
    [{ repo: 'ssh://git@h/a', type: 'git' }, 'ssh'],
    [{ repo: 'https://h/a', githubAppID: 7 }, 'githubApp'],
    [{ repo: 'https://h/a', useAzureWorkloadIdentity: true }, 'azure'],
    [{ repo: 'https://h/charts', type: 'helm' }, 'helm'],
    [{ repo: 'h/charts', type: 'helm', enableOCI: true }, 'oci'],
    [{ repo: 'oci://h/a', type: 'oci' }, 'oci'],
  ] as const
  for (const [repository, kind] of cases) assert.equal(kindOf(repository), kind, JSON.stringify(repository))
})

test('does not make credentials of a template those of the repository', () => {
  const known = { repo: 'https://h/a', username: 'of-the-template', inheritedCreds: true, name: 'a' }

  assert.equal(formOfRepository(known).username, '')
  assert.equal(formOfRepository({ ...known, inheritedCreds: false }).username, 'of-the-template')
})

test('finds what is missing or wrong by kind', () => {
  assert.deepEqual(repositoryFaults(form({})), { url: 'required' })
  assert.deepEqual(repositoryFaults(form({ url: 'https://h/a', username: 'bot', bearerToken: 't' })), {
    bearerToken: 'both',
    password: 'required',
  })
  assert.deepEqual(repositoryFaults(form({ kind: 'ssh', url: 'https://h/a' })), {
    url: 'ssh',
    sshPrivateKey: 'required',
  })
  assert.deepEqual(repositoryFaults(form({ kind: 'githubApp', url: 'https://h/a', githubAppID: 'x' })), {
    githubAppID: 'number',
    githubAppPrivateKey: 'required',
  })
  assert.deepEqual(repositoryFaults(form({ kind: 'azure', url: 'https://h/a', useAzureWorkloadIdentity: true })), {})
})
