// `proj …`: projects, and what their applications may do.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { AppProject } from '../../crds/app-project.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { refusal, type CliContext } from '../context.ts'
import { editUntilTaken } from '../edit.ts'
import { printList, printObject } from '../print.ts'
import { addFamily, addVerb } from '../verb.ts'
import { file, output, truthFlag } from '../verb-flags.ts'
import { getProject, PROJECT_SERVICE } from './calls.ts'
import { formatProject, formatProjects, type DetailedProject } from './describe.ts'
import { addIntegrityVerbs } from './integrity.ts'
import { addListVerbs } from './lists.ts'
import { addResourceVerbs } from './resources.ts'
import { addRoleVerbs } from './roles.ts'
import { projectFlags, specOfFlags, type ProjectFlags } from './spec-flags.ts'
import { addTokenVerbs } from './tokens.ts'
import { addWindowVerbs } from './windows.ts'

export function addProjectFamily(program: Command, context: CliContext): void {
  const proj = addFamily(program, 'proj', 'projects, and what their applications may do')
  addReadVerbs(proj, context)
  addWriteVerbs(proj, context)
  addListVerbs(proj, context)
  addResourceVerbs(proj, context)
  const role = proj.command('role').description('roles of a project')
  addRoleVerbs(role, context)
  addTokenVerbs(role, context)
  addWindowVerbs(proj.command('windows').description('when a project may sync'), context)
  addIntegrityVerbs(proj, context)
}

function addReadVerbs(proj: Command, context: CliContext): void {
  addVerb(proj, context, {
    words: 'list',
    about: 'list projects',
    flags: { output: output('wide', 'name', 'json', 'yaml') },
    examples: ['proj list', 'proj list -o name'],
    async run(call) {
      const { items } = await call.send<{ readonly items?: readonly AppProject[] | null }>(`${PROJECT_SERVICE}/List`)
      printList(call, items ?? [], { name: ({ metadata }) => metadata.name ?? '', wide: formatProjects })
    },
  })
  addVerb(proj, context, {
    words: 'get <project>',
    about: 'show a project',
    flags: { output: output('wide', 'json', 'yaml') },
    examples: ['proj get web', 'proj get web -o yaml'],
    async run(call) {
      const [name] = call.args
      const detailed = await call.send<DetailedProject>(`${PROJECT_SERVICE}/GetDetailedProject`, { name })
      printObject(call, detailed.project, () => formatProject(detailed))
    },
  })
}

function addWriteVerbs(proj: Command, context: CliContext): void {
  addVerb(proj, context, {
    words: 'create [project]',
    about: 'create a project',
    writes: true,
    flags: {
      ...projectFlags,
      file: file('manifest of the project, an address or - for standard input', { short: 'f' }),
      upsert: truthFlag('replace one of that name that is different'),
    },
    examples: [
      'proj create web -d https://kubernetes.default.svc,web -s https://git.example/deploy.git',
      'proj create -f project.yaml --upsert',
    ],
    async run(call) {
      const project = await projectOf(call.args[0], call.flags, (path) => context.readText(path))
      await call.send(`${PROJECT_SERVICE}/Create`, { project, upsert: call.flags.upsert })
    },
  })
  addVerb(proj, context, {
    words: 'set <project>',
    about: 'change fields of a project',
    writes: true,
    flags: projectFlags,
    examples: ['proj set web --description "shop front"', 'proj set web -s https://git.example/deploy.git'],
    async run(call) {
      const [name = ''] = call.args
      const project = await getProject(call, name)
      const change = specOfFlags(call.flags)
      if (Object.keys(change).length === 0) throw refusal('Please set at least one option to update')
      await call.send(`${PROJECT_SERVICE}/Update`, { project: { ...project, spec: { ...project.spec, ...change } } })
    },
  })
  addVerb(proj, context, {
    words: 'edit <project>',
    about: "change a project's spec in your editor ($EDITOR)",
    examples: ['proj edit web', 'EDITOR=nano capstan proj edit web'],
    async run(call) {
      const [name = ''] = call.args
      const { spec } = await getProject(call, name)
      await editUntilTaken(context, stringifyYaml(spec), `${name}-edit.yaml`, async (edited) => {
        const project = { ...(await getProject(call, name)), spec: parseYaml(edited) }
        await call.send(`${PROJECT_SERVICE}/Update`, { project })
      })
    },
  })
  addVerb(proj, context, {
    words: 'delete <project...>',
    about: 'delete projects without applications',
    writes: true,
    examples: ['proj delete web'],
    async run(call) {
      for (const name of call.args) {
        if (await call.confirm(`Are you sure you want to delete ${name}? [y/n]`))
          await call.send(`${PROJECT_SERVICE}/Delete`, { name })
        else call.print(`The command to delete ${name} was cancelled.\n`)
      }
    },
  })
}

/** The project of a manifest or a name, with the fields of the flags. */
async function projectOf(
  name: string | undefined,
  flags: ProjectFlags & { readonly file?: string | undefined },
  read: (path: string) => Promise<string>,
): Promise<object> {
  const head = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject' }
  const draft = flags.file === undefined ? { metadata: { name } } : asObject(parseYaml(await read(flags.file)))
  const metadata = asObject(draft['metadata'])
  const found = metadata['name']
  if (typeof found !== 'string') throw new CapstanError('bad-input', 'name the project: capstan proj create PROJECT …')
  if (name !== undefined && found !== name)
    throw new CapstanError('bad-input', `project name '${name}' does not match project spec metadata.name '${found}'`)
  return { ...head, ...draft, spec: { ...asObject(draft['spec']), ...specOfFlags(flags) } }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
