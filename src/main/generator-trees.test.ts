// Tests of files for generators: projects that demand signatures, and those that do not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { treeOf } from '../../test/support/application-sets.ts'
import { type AppProject, parseAppProject } from '../crds/app-project.ts'
import type { TreeQuery } from '../generators/contract.ts'
import type { RevisionSignature } from '../source/signature.ts'
import { openGeneratorTree } from './generator-trees.ts'

const KEY = '4AEE18F83AFDEB23'
const REVISION = 'a'.repeat(40)
const QUERY: TreeQuery = {
  repoURL: 'https://git.example.com/r.git',
  revision: 'main',
  project: 'signed',
  freshness: 'cached',
  isSignatureChecked: true,
}

function project(name: string, signatureKeys: readonly object[]): AppProject {
  const metadata = { name, namespace: 'argocd' }
  return parseAppProject({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata, spec: { signatureKeys } })
}

async function open(
  query: Partial<TreeQuery>,
  signature: Partial<RevisionSignature>,
  isGpgEnabled = true,
): Promise<string> {
  const projects = [project('signed', [{ keyID: KEY }]), project('free', [])]
  const tree = treeOf({})
  const found = { revision: REVISION, result: 'signed', keyID: KEY, author: 'Ada', ...signature } as const
  const sources = { open: async () => ({ tree, revision: REVISION }), signaturesOf: async () => [found] }
  const projectOf = (name: string): AppProject | undefined => projects.find(({ metadata }) => metadata.name === name)
  const opened = await openGeneratorTree(
    { sources, projectOf, isGpgEnabled },
    { ...QUERY, ...query },
    new AbortController().signal,
  )
  return opened.revision
}

test('a project that demands signatures gets files of signed commits alone', async () => {
  assert.equal(await open({}, {}), REVISION)
  await assert.rejects(open({}, { result: 'unsigned', keyID: '' }), {
    code: 'forbidden',
    message: `rpc error: code = Unknown desc = GIT/GPG: Failed verifying revision ${REVISION} by 'Ada': unsigned (key_id=)`,
  })
  await assert.rejects(open({}, { keyID: '0000000000000000' }), /signed with unallowed key/)
})

test('others do not ask, nor does a templated project or a program without gpg', async () => {
  const unsigned = { result: 'unsigned', keyID: '' } as const

  assert.equal(await open({ project: 'free' }, unsigned), REVISION)
  assert.equal(await open({ project: '', isSignatureChecked: false }, unsigned), REVISION)
  assert.equal(await open({}, unsigned, false), REVISION)
})

test('a project that is none is told before anything is fetched', async () => {
  await assert.rejects(open({ project: 'gone' }, {}), {
    code: 'not-found',
    message: 'error getting project gone: appprojects.argoproj.io "gone" not found',
  })
})
