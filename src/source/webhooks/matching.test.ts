// Which sources and ApplicationSets a webhook concerns.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationSet } from '../../crds/application-set.ts'
import { applicationSetTest } from './generator-match.ts'
import { haveFilesChanged, refreshPaths } from './refresh-paths.ts'
import { apiMatcher, repositoryMatcher } from './repository-match.ts'
import { followsRef } from './revision-match.ts'
import type { WebhookEvent } from './webhook-event.ts'

describe('addresses of one repository', () => {
  const cases: readonly (readonly [boolean, string, string])[] = [
    [true, 'https://example.com/org/repo', 'https://example.com/org/repo'],
    [true, 'https://example.com/org/repo', 'https://example.com/org/repo.git'],
    [true, 'https://example.com/org/repo', 'git@example.com:org/repo'],
    [true, 'https://example.com/org/repo', 'git@example.com:org/repo.git'],
    [true, 'https://example.com/org/repo', 'ssh://git@example.com:443/org/repo.git'],
    [true, 'https://example.com/org/repo', 'ssh://git@ssh.example.com:443/org/repo'],
    [true, 'https://example.com/org/repo', 'ssh://git@altssh.example.com:443/org/repo'],
    [true, 'https://example.com/org/repo', 'https://user.name@EXAMPLE.com/Org/Repo'],
    [true, 'https://example.com:7999/org/repo', 'https://example.com/org/repo'],
    [true, 'https://user@example.com/org/repo', 'https://example.com/org/repo'],
    [true, 'https://example.com/org/repo_name', 'https://example.com/org/repo_name'],
    [false, 'https://example.com/org/repo', 'https://example.com/org/repo-2'],
    [false, 'https://example.com/org/repo', 'https://example.com/other/org/repo'],
    [false, 'https://example.com/org/repo', 'https://evil.com/example.com/org/repo'],
    [false, 'https://example.com/org/repo', 'https://exampleXcom/org/repo'],
    [false, 'https://example.com/org/repo', `https://${'a'.repeat(40)}@example.com/org/repo`],
    [false, 'https://example.com/org/.*', 'https://example.com/org/repo'],
  ]
  for (const [expected, webUrl, repoURL] of cases) {
    test(`${repoURL} is ${expected ? '' : 'not '}${webUrl}`, () => {
      assert.equal(repositoryMatcher(webUrl)?.(repoURL), expected)
    })
  }

  test('text that is no URL matches nothing', () => {
    assert.equal(repositoryMatcher('no url'), undefined)
    assert.equal(apiMatcher(''), undefined)
  })
})

describe('refs that a source follows', () => {
  const cases: readonly (readonly [boolean, string, string, boolean, string?])[] = [
    [true, '', 'main', true],
    [true, 'HEAD', 'main', true],
    [false, 'HEAD', 'other', false],
    [true, 'feature/cart', 'feature/cart', false],
    [true, 'refs/heads/feature/cart', 'feature/cart', false],
    [true, 'refs/tags/v1', 'v1', false],
    [false, 'main', 'mainline', false],
    [true, '1.*', '1.4.2', false],
    [true, '>=1.0 <2', 'v1.9.0', false],
    [false, '1.*', '2.0.0', false],
    [true, '1.*', 'shop-1.4.2', false, 'shop-'],
    [false, '1.*', 'cart-1.4.2', false, 'shop-'],
    [false, 'deadbeef', 'main', true],
  ]
  for (const [expected, target, revision, touchedHead, tagPrefix] of cases) {
    test(`${target === '' ? 'no target' : target} ${expected ? 'follows' : 'does not follow'} ${revision}`, () => {
      assert.equal(followsRef(target, { revisions: [revision], touchedHead }, tagPrefix), expected)
    })
  }

  test('the last of many counts, also where others are versions outside of the range', () => {
    const others = Array.from({ length: 999 }, (_, index) => `1.${index}.0`)
    assert.equal(followsRef('2.*', { revisions: [...others, '2.0.1'], touchedHead: false }), true)
    assert.equal(followsRef('2.*', { revisions: others, touchedHead: false }), false)
    assert.equal(followsRef('main', { revisions: [...others, 'main'], touchedHead: false }), true)
  })
})

describe('files of manifest-generate-paths', () => {
  const cases: readonly (readonly [boolean, string | undefined, string, readonly string[] | undefined])[] = [
    [true, undefined, 'apps/one', ['elsewhere.yaml']],
    [true, '.', 'apps/one', undefined],
    [true, '.', 'apps/one', ['apps/one/values.yaml']],
    [true, '.', 'apps/one', ['apps/one']],
    [false, '.', 'apps/one', ['apps/one-more/values.yaml']],
    [true, '.;../shared', 'apps/one', ['apps/shared/x.yaml']],
    [true, ' . ; /base ', 'apps/one', ['base/x.yaml']],
    [true, 'deploy', 'source/path', ['source/path/deploy/app.yaml']],
    [false, 'manifests', 'source/path', ['source/path/other/app.yaml']],
    [true, '/apps/*/values.yaml', 'x', ['apps/two/values.yaml']],
    [false, '/apps/*/values.yaml', 'x', ['apps/two/deep/values.yaml']],
    [false, '/apps/[', 'x', ['apps/a']],
    [true, '../..', 'apps', ['anything']],
    [true, '/', 'apps', ['anything']],
    [true, '.', '.', ['anything']],
    [true, ';;', 'apps', ['anything']],
  ]
  for (const [expected, annotation, path, files] of cases) {
    test(`${annotation ?? 'none'} at ${path}: ${files?.join() ?? 'not told'} ${expected ? 'counts' : 'does not count'}`, () => {
      assert.equal(haveFilesChanged(refreshPaths(annotation, path), files), expected)
    })
  }
})

describe('ApplicationSets', () => {
  const git = { repoURL: 'https://github.com/org/repo', revision: '' }
  const github = { github: { owner: 'CodErTOcat', repo: 'Hello-World' } }
  const push: WebhookEvent = {
    kind: 'push',
    webUrls: ['https://github.com/org/repo'],
    revisions: ['main'],
    touchedHead: true,
    changedFiles: undefined,
  }
  const pull: WebhookEvent = {
    kind: 'pull-request',
    forge: 'github',
    apiUrl: 'https://api.github.com/repos/Codertocat/Hello-World',
    owner: 'Codertocat',
    repository: 'Hello-World',
  }
  const merge: WebhookEvent = { kind: 'pull-request', forge: 'gitlab', host: 'gitlab.com', projectId: '100500' }
  const azure: WebhookEvent = { kind: 'pull-request', forge: 'azure-devops', project: 'web', repository: 'shop' }
  const list = { list: { elements: [{ a: 'b' }] } }
  const plugin = { plugin: { configMapRef: { name: 'p' } } }
  const cases: readonly (readonly [boolean, string, WebhookEvent, unknown])[] = [
    [true, 'Git', push, { git }],
    [true, 'Git over ssh', push, { git: { ...git, repoURL: 'ssh://git@ssh.github.com:443/org/repo' } }],
    [false, 'Git elsewhere', push, { git: { ...git, repoURL: 'https://github.com/org/repo-copy' } }],
    [false, 'Git at another branch', push, { git: { ...git, revision: 'env/dev' } }],
    [false, 'Git for pull requests', pull, { git }],
    [true, 'pull requests, in whatever case', pull, { pullRequest: github }],
    [false, 'pull requests of another API', pull, { pullRequest: { github: { ...github.github, api: 'https://ghe.example.com/api/v3/' } } }], // prettier-ignore
    [false, 'pull requests of another owner', pull, { pullRequest: { github: { ...github.github, owner: 'other' } } }],
    [true, 'merge requests', merge, { pullRequest: { gitlab: { project: '100500' } } }],
    [false, 'merge requests elsewhere', merge, { pullRequest: { gitlab: { project: '100500', api: 'https://git.example.com' } } }], // prettier-ignore
    [true, 'pull requests of Azure', azure, { pullRequest: { azuredevops: { organization: 'o', project: 'web', repo: 'shop' } } }], // prettier-ignore
    [true, 'a plug-in, with every event', merge, plugin],
    [true, 'Git first in a matrix', push, { matrix: { generators: [{ git }, list] } }],
    [true, 'Git second in a matrix', push, { matrix: { generators: [list, { git }] } }],
    [true, 'what a matrix fills in', push, { matrix: { generators: [{ scmProvider: {} }, { git: { repoURL: '{{ url }}' } }] } }], // prettier-ignore
    [true, 'owner and repository a matrix fills in', pull, { matrix: { generators: [{ scmProvider: {} }, { pullRequest: { github: { owner: '{{ organization }}', repo: '{{ repository }}' } } }] } }], // prettier-ignore
    [true, 'a plug-in second in a matrix', push, { matrix: { generators: [list, plugin] } }],
    [false, 'a plug-in first in a matrix', push, { matrix: { generators: [plugin, list] } }],
    [false, 'a matrix of three', push, { matrix: { generators: [{ git }, list, list] } }],
    [true, 'Git in a matrix in a matrix', push, { matrix: { generators: [list, { matrix: { generators: [list, { git }] } }] } }], // prettier-ignore
    [true, 'Git in a merge', push, { merge: { mergeKeys: ['a'], generators: [list, { git }] } }],
    [true, 'Git in a merge in a merge', push, { merge: { mergeKeys: ['a'], generators: [list, { merge: { generators: [{ git }] } }] } }], // prettier-ignore
    [false, 'nested nonsense', push, { matrix: { generators: [{ git: { repoURL: 5 } }, { matrix: 'x' }] } }],
    [false, 'an image', { kind: 'artifact', registry: 'r', repository: 'a', tag: 't' }, plugin],
  ]
  for (const [expected, name, event, generator] of cases) {
    test(`${name}: ${expected ? 'asked again' : 'left alone'}`, () => {
      // Generators as the API server stores them; the rest of the resource does not matter here.
      const applicationSet = { spec: { generators: [generator] } } as unknown as ApplicationSet
      assert.equal(applicationSetTest(event)(applicationSet), expected)
    })
  }

  test('an API of GitHub Enterprise is known by its host', () => {
    assert.equal(apiMatcher('https://ghe.example.com/api/v3/repos/a/b')?.('https://ghe.example.com/api/v3/'), true)
    assert.equal(apiMatcher('https://api.github.com/repos/a/b')?.('https://api.github.com'), true)
    assert.equal(apiMatcher('https://api.github.com/repos/a/b')?.('https://api.github.com.evil.com/'), false)
  })
})
