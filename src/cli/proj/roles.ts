// `proj role …`: roles of a project, with their policies and groups.
import type { Command } from 'commander'
import type { AppProject, ProjectRole } from '../../crds/app-project.ts'
import { refusal, type CliContext } from '../context.ts'
import { printList } from '../print.ts'
import { formatTable } from '../table.ts'
import { addVerb, type Call } from '../verb.ts'
import { output, text, type Values } from '../verb-flags.ts'
import { getProject, roleOf, updateProject, updateRole } from './calls.ts'
import { humanTime } from '../human-time.ts'

export function addRoleVerbs(role: Command, context: CliContext): void {
  addReading(role, context)
  addMaking(role, context)
  addPolicies(role, context)
  addGroups(role, context)
}

function addReading(role: Command, context: CliContext): void {
  addVerb(role, context, {
    words: 'list <project>',
    about: 'list the roles of a project',
    flags: { output: output('wide', 'name', 'json', 'yaml') },
    examples: ['proj role list web', 'proj role list web -o name'],
    async run(call) {
      const { spec } = await getProject(call, call.args[0] ?? '')
      printList(call, spec.roles ?? [], { name: ({ name }) => name, wide: formatRoles })
    },
  })
  addVerb(role, context, {
    words: 'get <project> <role>',
    about: 'show a role: policies, groups, tokens',
    examples: ['proj role get web deployer'],
    async run(call) {
      const [projectName = '', name = ''] = call.args
      const project = await getProject(call, projectName)
      call.print(formatRole(project, roleOf(project, name), context.clock.now()))
    },
  })
}

function formatRoles(roles: readonly ProjectRole[]): string {
  return formatTable([['ROLE-NAME', 'DESCRIPTION'], ...roles.map(({ name, description = '' }) => [name, description])])
}

/** Upstream shows the policies of all roles here (ProjectPoliciesString). */
export function formatRole({ metadata, spec, status }: AppProject, role: ProjectRole, nowMs: number): string {
  const project = metadata.name ?? ''
  const policies = (spec.roles ?? []).flatMap(({ name, policies: own = [], groups = [] }) => [
    `p, proj:${project}:${name}, projects, get, ${project}, allow`,
    ...own,
    ...groups.map((group) => `g, ${group}, proj:${project}:${name}`),
  ])
  const groups = (role.groups ?? []).map((group) => `  - ${group}`)
  const tokens = (status?.jwtTokensByRole?.[role.name]?.items ?? []).map(({ iat, exp = 0 }) => [
    `${iat}`,
    humanTime(iat, nowMs),
    exp > 0 ? humanTime(exp, nowMs) : '<none>',
  ])
  return [
    `${'Role Name:'.padEnd(15)}${role.name}\n${'Description:'.padEnd(15)}${role.description ?? ''}\n`,
    `Policies:\n${policies.join('\n')}\n`,
    `Groups:\n${(groups.length === 0 ? ['<none>'] : groups).join('\n')}\n`,
    `JWT Tokens:\n${formatTable([['ID', 'ISSUED-AT', 'EXPIRES-AT'], ...tokens])}`,
  ].join('')
}

function addMaking(role: Command, context: CliContext): void {
  addVerb(role, context, {
    words: 'create <project> <role>',
    about: 'create a role',
    writes: true,
    flags: { description: text('what it is for') },
    examples: ['proj role create web deployer --description "CI of the web team"'],
    async run(call) {
      const [projectName = '', name = ''] = call.args
      const project = await getProject(call, projectName)
      const roles = project.spec.roles ?? []
      if (roles.some((other) => other.name === name)) return call.print(`Role '${name}' already exists\n`)
      const { description } = call.flags
      const added = { name, ...(description === undefined ? {} : { description }) }
      await updateProject(call, project, { roles: [...roles, added] })
      call.print(`Role '${name}' created\n`)
    },
  })
  addVerb(role, context, {
    words: 'delete <project> <role>',
    about: 'delete a role and its tokens',
    writes: true,
    examples: ['proj role delete web deployer'],
    async run(call) {
      const [projectName = '', name = ''] = call.args
      const project = await getProject(call, projectName)
      const roles = project.spec.roles ?? []
      if (!roles.some((other) => other.name === name)) return call.print(`Role '${name}' does not exist in project\n`)
      if (!(await call.confirm(`Are you sure you want to delete '${name}' role? [y/n]`)))
        return call.print(`The command to delete role '${name}' was cancelled.\n`)
      await updateProject(call, project, { roles: roles.filter((other) => other.name !== name) })
      call.print(`Role '${name}' deleted\n`)
    },
  })
}

const policyFlags = {
  action: text('what may be done: get, create, update, delete, sync …', { short: 'a' }),
  permission: text('allow or deny', { short: 'p', initial: 'allow' }),
  object: text("name in the project, or '*'", { short: 'o' }),
  resource: text('kind of thing: applications, applicationsets, logs, exec, clusters, repositories', {
    short: 'r',
    initial: 'applications',
  }),
} as const

/** What roles of projects may be granted (util/rbac ProjectScoped). */
const SCOPED = ['applications', 'applicationsets', 'logs', 'exec', 'clusters', 'repositories']

function policyOf({ args: [project = '', role = ''], flags }: Call<typeof policyFlags>): string {
  const { action = '', object = '', permission, resource } = flags as Values<typeof policyFlags>
  if (!SCOPED.includes(resource)) throw refusal(`--resource ${resource} is none of ${SCOPED.join(', ')}`)
  return `p, proj:${project}:${role}, ${resource}, ${action}, ${project}/${object}, ${permission}`
}

function addPolicies(role: Command, context: CliContext): void {
  addVerb(role, context, {
    words: 'add-policy <project> <role>',
    about: 'let a role do something, or deny it',
    writes: true,
    flags: policyFlags,
    examples: ["proj role add-policy web deployer -a sync -o '*'", 'proj role add-policy web deployer -a get -o shop -r logs'], // prettier-ignore
    async run(call) {
      const policy = policyOf(call)
      const project = await getProject(call, call.args[0] ?? '')
      const found = roleOf(project, call.args[1] ?? '')
      await updateRole(call, project, { ...found, policies: [...(found.policies ?? []), policy] })
    },
  })
  addVerb(role, context, {
    words: 'remove-policy <project> <role>',
    about: 'take a policy away from a role',
    writes: true,
    flags: policyFlags,
    examples: ["proj role remove-policy web deployer -a sync -o '*'"],
    async run(call) {
      const policy = policyOf(call)
      const project = await getProject(call, call.args[0] ?? '')
      const found = roleOf(project, call.args[1] ?? '')
      const { policies = [] } = found
      if (!policies.includes(policy)) return
      if (await call.confirm(`Are you sure you want to delete '${policy}' policy? [y/n]`))
        await updateRole(call, project, { ...found, policies: policies.toSpliced(policies.indexOf(policy), 1) })
      else call.print(`The command to delete policy '${policy}' was cancelled.\n`)
    },
  })
}

function addGroups(role: Command, context: CliContext): void {
  addVerb(role, context, {
    words: 'add-group <project> <role> <group>',
    about: 'give a role to the members of a group of the single sign-on',
    writes: true,
    examples: ['proj role add-group web deployer web-team'],
    async run(call) {
      const [projectName = '', name = '', group = ''] = call.args
      const project = await getProject(call, projectName)
      const found = roleOf(project, name)
      const { groups = [] } = found
      if (groups.includes(group)) return call.print(`Group '${group}' already present in role '${name}'\n`)
      await updateRole(call, project, { ...found, groups: [...groups, group] })
      call.print(`Group '${group}' added to role '${name}'\n`)
    },
  })
  addVerb(role, context, {
    words: 'remove-group <project> <role> <group>',
    about: 'take a role from the members of a group',
    writes: true,
    examples: ['proj role remove-group web deployer web-team'],
    async run(call) {
      const [projectName = '', name = '', group = ''] = call.args
      const project = await getProject(call, projectName)
      const found = roleOf(project, name)
      const { groups = [] } = found
      if (!groups.includes(group)) return call.print(`Group '${group}' not present in role '${name}'\n`)
      if (!(await call.confirm(`Are you sure you want to remove '${group}' group from role '${name}'? [y/n]`)))
        return call.print(`The command to remove group '${group}' from role '${name}' was cancelled.\n`)
      await updateRole(call, project, { ...found, groups: groups.filter((other) => other !== group) })
      call.print(`Group '${group}' removed from role '${name}'\n`)
    },
  })
}
