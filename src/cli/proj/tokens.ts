// `proj role …-token`: tokens of a project's role, for scripts.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { CliContext } from '../context.ts'
import { localTime } from '../human-time.ts'
import { formatTable } from '../table.ts'
import { claimsOf, secondsOfDuration } from '../token.ts'
import { addVerb } from '../verb.ts'
import { text, truthFlag } from '../verb-flags.ts'
import { getProject, PROJECT_SERVICE, roleOf } from './calls.ts'

export function addTokenVerbs(role: Command, context: CliContext): void {
  addCreate(role, context)
  addVerb(role, context, {
    words: 'list-tokens <project> <role>',
    aliases: ['list-token', 'token-list'],
    about: 'list the tokens of a role',
    flags: { unixtime: truthFlag('times as seconds since 1970, as delete-token takes them', { short: 'u' }) },
    examples: ['proj role list-tokens web deployer', 'proj role list-tokens web deployer -u'],
    async run(call) {
      const [projectName = '', name = ''] = call.args
      const tokens = roleOf(await getProject(call, projectName), name).jwtTokens ?? []
      if (tokens.length === 0) return call.print(`No tokens for ${projectName}.${name}\n`)
      const shown = (seconds: number): string => call.flags.unixtime === true ? `${seconds}` : tokenTime(seconds) // prettier-ignore
      const rows = tokens.map(({ id = '', iat, exp = 0 }) => [id, shown(iat), shown(exp)])
      call.print(formatTable([['ID', 'ISSUED AT', 'EXPIRES AT'], ...rows], 4))
    },
  })
  addVerb(role, context, {
    words: 'delete-token <project> <role> <issued-at>',
    aliases: ['token-delete', 'remove-token'],
    about: 'revoke a token by the second it was issued (list-tokens -u)',
    writes: true,
    examples: ['proj role delete-token web deployer 1696769937'],
    async run(call) {
      const [project = '', name = '', issuedAt = ''] = call.args
      if (!/^[+-]?\d+$/.test(issuedAt))
        throw new CapstanError(
          'bad-input',
          `${issuedAt} is no number of seconds; "proj role list-tokens -u" shows them`,
        )
      if (await call.confirm(`Are you sure you want to delete '${issuedAt}' project token? [y/n]`))
        await call.send(`${PROJECT_SERVICE}/DeleteToken`, { project, role: name, iat: Number(issuedAt) })
      else call.print(`The command to delete project token '${issuedAt}' was cancelled.\n`)
    },
  })
}

function addCreate(role: Command, context: CliContext): void {
  addVerb(role, context, {
    words: 'create-token <project> <role>',
    aliases: ['token-create'],
    about: 'make a token that acts as a role',
    writes: true,
    flags: {
      expiresIn: text('how long it is good: "12h", "7d"; else for ever', { short: 'e' }),
      id: text('its name; else a random one', { short: 'i' }),
      tokenOnly: truthFlag('print the token alone', { short: 't' }),
    },
    examples: ['proj role create-token web deployer -e 30d', 'proj role create-token web deployer -t'],
    async run(call) {
      const [project = '', name = ''] = call.args
      const { expiresIn = '0s', id } = call.flags
      const request = { project, role: name, expiresIn: secondsOfDuration(expiresIn), id }
      const { token = '' } = await call.send<{ readonly token?: string }>(`${PROJECT_SERVICE}/CreateToken`, request)
      if (call.isDryRun) return
      if (call.flags.tokenOnly === true) return call.print(`${token}\n`)
      const claims = claimsOf(token)
      const lines = [`ID: ${claims.jti}`, `Issued At: ${tokenTime(claims.iat)}`, `Expires At: ${tokenTime(claims.exp)}`, `Token: ${token}`] // prettier-ignore
      call.print(`Create token succeeded for ${claims.sub}.\n${lines.map((line) => `  ${line}\n`).join('')}`)
    },
  })
}

function tokenTime(seconds: number): string {
  return seconds > 0 ? localTime(seconds) : 'Never'
}
