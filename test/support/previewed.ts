// Repositories whose applications are previewed.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { PreviewReport } from '../../src/preview/contract.ts'
import { createRepository, git, temporaryFolder, type TestRepository } from './git.ts'

const REPOSITORY = 'https://git.example.com/team/config.git'
/** The manifest of an Application of the repository's branch main. */
export function application(name: string, path: string, more: object = {}): string {
  const source = { repoURL: REPOSITORY, targetRevision: 'main', path, ...more }
  const spec = { project: 'default', source, destination: { name: 'in-cluster', namespace: name } }
  return JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name }, spec })
}

/** The manifest of a core object. */
export function object(kind: string, name: string, content: object): string {
  return JSON.stringify({ apiVersion: 'v1', kind, metadata: { name }, ...content })
}

/** A clone whose origin is the repository that its applications name. */
export function repositoryOf(t: TestContext, files: Readonly<Record<string, string>>): TestRepository {
  const repository = createRepository(join(temporaryFolder(t), 'config'))
  repository.commit(files)
  git(repository.folder, 'remote', 'add', 'origin', REPOSITORY)
  return repository
}

/** A line for each application that differs. */
export function told({ applications }: PreviewReport): readonly string[] {
  return applications.map(({ name, change, resources }) =>
    [name, change, ...resources.map((one) => `${one.change} ${one.key.kind}/${one.key.name}`)].join(' '),
  )
}
