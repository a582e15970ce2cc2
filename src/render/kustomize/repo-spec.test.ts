// Tests reading addresses of remote bases; the addresses are those of kustomize's own tests (api/internal/git, v5.8.1).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS, parseRepoSpec } from './repo-spec.ts'

/** Address, repository, path, ref. */
const ADDRESSES: readonly (readonly [string, string, string, string])[] = [
  [
    'https://git-codecommit.us-east-2.amazonaws.com/someorg/somerepo/somedir',
    'https://git-codecommit.us-east-2.amazonaws.com/someorg/somerepo',
    'somedir',
    '',
  ],
  [
    'https://git-codecommit.us-east-2.amazonaws.com/someorg/somerepo/somedir?ref=testbranch',
    'https://git-codecommit.us-east-2.amazonaws.com/someorg/somerepo',
    'somedir',
    'testbranch',
  ],
  [
    'https://fabrikops2.visualstudio.com/someorg/somerepo?ref=master',
    'https://fabrikops2.visualstudio.com/someorg/somerepo',
    '',
    'master',
  ],
  ['http://github.com/someorg/somerepo/somedir', 'https://github.com/someorg/somerepo', 'somedir', ''],
  ['git@github.com:someorg/somerepo/somedir', 'git@github.com:someorg/somerepo', 'somedir', ''],
  ['http://github.com/someorg/somerepo.git/somedir', 'https://github.com/someorg/somerepo.git', 'somedir', ''],
  ['git@github.com:someorg/somerepo.git/somedir', 'git@github.com:someorg/somerepo.git', 'somedir', ''],
  [
    'git@gitlab2.sqtools.ru:infra/kubernetes/thanos-base.git?ref=v0.1.0',
    'git@gitlab2.sqtools.ru:infra/kubernetes/thanos-base.git',
    '',
    'v0.1.0',
  ],
  ['git@bitbucket.org:company/project.git//path?ref=branch', 'git@bitbucket.org:company/project.git', 'path', 'branch'],
  ['git@bitbucket.org/company/project.git//path?ref=branch', 'git@bitbucket.org/company/project.git', 'path', 'branch'],
  [
    'ssh://git@bitbucket.org/company/project.git//path?ref=branch',
    'ssh://git@bitbucket.org/company/project.git',
    'path',
    'branch',
  ],
  [
    'https://itfs.mycompany.com/collection/project/_git/somerepos',
    'https://itfs.mycompany.com/collection/project/_git/somerepos',
    '',
    '',
  ],
  [
    'https://itfs.mycompany.com/collection/project/_git/somerepos?version=v1.0.0',
    'https://itfs.mycompany.com/collection/project/_git/somerepos',
    '',
    'v1.0.0',
  ],
  [
    'https://itfs.mycompany.com/collection/project/_git/somerepos/somedir?version=v1.0.0',
    'https://itfs.mycompany.com/collection/project/_git/somerepos',
    'somedir',
    'v1.0.0',
  ],
  [
    'git::https://itfs.mycompany.com/collection/project/_git/somerepos',
    'https://itfs.mycompany.com/collection/project/_git/somerepos',
    '',
    '',
  ],
  [
    'https://bitbucket.example.com/scm/project/repository.git',
    'https://bitbucket.example.com/scm/project/repository.git',
    '',
    '',
  ],
  [
    'ssh://git-codecommit.us-east-2.amazonaws.com/someorg/somerepo/somepath',
    'ssh://git-codecommit.us-east-2.amazonaws.com/someorg/somerepo',
    'somepath',
    '',
  ],
  ['git@github.com/someorg/somerepo/somepath', 'git@github.com:someorg/somerepo', 'somepath', ''],
  [
    'https://github.com/kubernetes-sigs/kustomize//examples/multibases/dev/?ref=v1.0.6',
    'https://github.com/kubernetes-sigs/kustomize',
    'examples/multibases/dev/',
    'v1.0.6',
  ],
  ['file://a/b/c/someRepo.git/somepath?ref=someBranch', 'file://a/b/c/someRepo.git', 'somepath', 'someBranch'],
  ['file://a/b/c/someRepo//somepath?ref=someBranch', 'file://a/b/c/someRepo', 'somepath', 'someBranch'],
  ['file://a/b/c/someRepo?ref=someBranch', 'file://a/b/c/someRepo', '', 'someBranch'],
  ['file:///a/b/c/someRepo?ref=someBranch', 'file:///a/b/c/someRepo', '', 'someBranch'],
  [
    'ssh://git@github.com/kubernetes-sigs/kustomize//examples/multibases/dev?ref=v1.0.6',
    'git@github.com:kubernetes-sigs/kustomize',
    'examples/multibases/dev',
    'v1.0.6',
  ],
  ['file:///a/b/c/someRepo', 'file:///a/b/c/someRepo', '', ''],
  ['file:///', 'file:///', '', ''],
  [
    'https://example.org/path/to/repo//examples/multibases/dev',
    'https://example.org/path/to/repo',
    'examples/multibases/dev',
    '',
  ],
  [
    'https://example.org/path/to/repo.git/examples/multibases/dev',
    'https://example.org/path/to/repo.git',
    'examples/multibases/dev',
    '',
  ],
  [
    'ssh://alice@example.com/path/to/repo//examples/multibases/dev',
    'ssh://alice@example.com/path/to/repo',
    'examples/multibases/dev',
    '',
  ],
  ['https://authority/org/repo?ref=group/version', 'https://authority/org/repo', '', 'group/version'],
  [
    'https://authority/org/repo/?ref=includes_git/for_some_reason',
    'https://authority/org/repo',
    '',
    'includes_git/for_some_reason',
  ],
  [
    'https://authority/org/repo/?ref=includes.git/for_some_reason',
    'https://authority/org/repo',
    '',
    'includes.git/for_some_reason',
  ],
  [
    'https://authority/org/repo/%-invalid-uri-so-not-parsable-by-net/url.Parse',
    'https://authority/org/repo',
    '%-invalid-uri-so-not-parsable-by-net/url.Parse',
    '',
  ],
  [
    'ssh://myusername@bitbucket.org/ourteamname/ourrepositoryname.git//path?ref=branch',
    'ssh://myusername@bitbucket.org/ourteamname/ourrepositoryname.git',
    'path',
    'branch',
  ],
  [
    'file://git@home/path/to/repository.git//path?ref=branch',
    'file://git@home/path/to/repository.git',
    'path',
    'branch',
  ],
  [
    'http://git@home.com/path/to/repository.git//path?ref=branch',
    'http://git@home.com/path/to/repository.git',
    'path',
    'branch',
  ],
  [
    'https://git@home.com/path/to/repository.git//path?ref=branch',
    'https://git@home.com/path/to/repository.git',
    'path',
    'branch',
  ],
  [
    'ssh://git@ssh.github.com:443/YOUR-USERNAME/YOUR-REPOSITORY.git',
    'ssh://git@ssh.github.com:443/YOUR-USERNAME/YOUR-REPOSITORY.git',
    '',
    '',
  ],
  ['git@gitlab.com/user:name/YOUR-REPOSITORY.git/path', 'git@gitlab.com/user:name/YOUR-REPOSITORY.git', 'path', ''],
  ['git@gitlab.com:gitlab-tests/sample-project.git', 'git@gitlab.com:gitlab-tests/sample-project.git', '', ''],
  ['git@gitlab.com:gitlab-tests/sample-project', 'git@gitlab.com:gitlab-tests/sample-project', '', ''],
  [
    'https://username@dev.azure.com/org/project/_git/repo//path/to/kustomization/root',
    'https://username@dev.azure.com/org/project/_git/repo',
    'path/to/kustomization/root',
    '',
  ],
  [
    'https://org.visualstudio.com/project/_git/repo/path/to/kustomization/root',
    'https://org.visualstudio.com/project/_git/repo',
    'path/to/kustomization/root',
    '',
  ],
  ['ssh://org-12345@github.com/kubernetes-sigs/kustomize', 'org-12345@github.com:kubernetes-sigs/kustomize', '', ''],
  ['org-12345@github.com/kubernetes-sigs/kustomize', 'org-12345@github.com:kubernetes-sigs/kustomize', '', ''],
  [
    'git@gist.github.com:bc7947cb727d7f9217e7862d961a1ffd.git',
    'git@gist.github.com:bc7947cb727d7f9217e7862d961a1ffd.git',
    '',
    '',
  ],
  [
    'https://gist.github.com/bc7947cb727d7f9217e7862d961a1ffd.git',
    'https://gist.github.com/bc7947cb727d7f9217e7862d961a1ffd.git',
    '',
    '',
  ],
]

const NOT_REPOSITORIES: readonly string[] = [
  '/tmp',
  '../../tmp',
  'src/github.com/org/repo/path',
  'iauhsdiuashduas',
  'htxxxtp://github.com/',
  'ssh://git.example.com',
  'git::___',
  'https://host?ref=group/version/minor_version',
  'https://github.com/org/repo.git//path/../../exits/repo',
  'github.com!org/repo.git//path',
  'gh:org/repo',
  'https://github.com/thisisa404.yaml',
  'file:////tmp//path/to/whatever',
  'git@scp://github.com/org/repo.git//path',
  'git@ssh://github.com/org/repo.git//path',
]

test('an address is split as kustomize splits it', () => {
  for (const [address, url, path, ref] of ADDRESSES) {
    const spec = parseRepoSpec(address)
    assert.deepEqual([spec?.url, spec?.path, spec?.ref], [url, path, ref], address)
  }
})

test('every form of host goes with every path and ref', () => {
  const hosts = [
    ['gitHub.com/', 'https://github.com/'],
    ['github.com:', 'https://github.com/'],
    ['hTTps://github.com/', 'https://github.com/'],
    ['ssh://git.example.com:7999/', 'ssh://git.example.com:7999/'],
    ['git::http://git.example.com/', 'http://git.example.com/'],
    ['git::git@github.com:', 'git@github.com:'],
    ['org-12345@github.com/', 'org-12345@github.com:'],
  ] as const
  for (const [raw, host] of hosts) {
    for (const path of ['README.md', 'foo/krusty.txt', '']) {
      for (const ref of ['group/version', 'v0.1.0', '']) {
        const address = `${raw}someOrg/someRepo${path === '' ? '' : `/${path}`}${ref === '' ? '' : `?ref=${ref}`}`
        const spec = parseRepoSpec(address)
        assert.deepEqual([spec?.url, spec?.path, spec?.ref], [`${host}someOrg/someRepo`, path, ref], address)
      }
    }
  }
})

test('what kustomize does not take for a repository is none, nor is a path that leaves one', () => {
  for (const address of NOT_REPOSITORIES) assert.equal(parseRepoSpec(address), undefined, address)
})

test('the query asks for a ref, a time and submodules', () => {
  const cases = [
    ['', '', DEFAULT_TIMEOUT_MS, true],
    ['?version=master&ref=v1.0.0', 'v1.0.0', DEFAULT_TIMEOUT_MS, true],
    ['?submodules=&version=master', 'master', DEFAULT_TIMEOUT_MS, true],
    ['?submodules=false', '', DEFAULT_TIMEOUT_MS, false],
    ['?submodules=nope', '', DEFAULT_TIMEOUT_MS, true],
    ['?timeout=61', '', 61_000, true],
    ['?timeout=1m1s', '', 61_000, true],
    ['?timeout=soon', '', DEFAULT_TIMEOUT_MS, true],
    ['?timeout=0', '', DEFAULT_TIMEOUT_MS, true],
  ] as const
  for (const [query, ref, timeoutMs, submodules] of cases) {
    const spec = parseRepoSpec(`https://host/org/repo${query}`)
    assert.deepEqual([spec?.ref, spec?.timeoutMs, spec?.submodules], [ref, timeoutMs, submodules], query)
  }
})

test('no query gets more time than a rendering has', () => {
  assert.equal(parseRepoSpec('https://host/org/repo?timeout=24h')?.timeoutMs, MAX_TIMEOUT_MS)
})
