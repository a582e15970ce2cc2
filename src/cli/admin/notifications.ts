// `admin notifications template get|notify, trigger get|run`: try a configuration without a server (argocd admin notifications).
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { collect } from '../flags.ts'
import { checkFormat, formatObject } from '../output.ts'
import { formatTable } from '../table.ts'

export interface NotificationFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: string
  /** A file in place of the cluster's argocd-notifications-cm. */
  readonly configMap?: string
  /** A file in place of the cluster's argocd-notifications-secret; `:empty`: none. */
  readonly secret?: string
}

export interface ShownCondition {
  readonly oncePer?: string
  readonly when?: string
  readonly description?: string
  readonly send?: readonly string[]
}

/** What does the work; files are read and clusters asked only where they are needed. */
export interface NotificationTool {
  /** By name. */
  templates(flags: NotificationFlags): Promise<Readonly<Record<string, object>>>
  triggers(flags: NotificationFlags): Promise<Readonly<Record<string, readonly ShownCondition[]>>>
  /** Each condition of a trigger for an application, which is a file or a name. */
  run(
    flags: NotificationFlags,
    trigger: string,
    resource: string,
  ): Promise<readonly { readonly when: string; readonly isTriggered: boolean; readonly fault?: string }[]>
  /** Sends; what goes to `console` is written. */
  notify(
    flags: NotificationFlags,
    request: { readonly template: string; readonly resource: string; readonly recipients: readonly string[] },
    write: (text: string) => void,
  ): Promise<void>
}

const FORMATS = ['wide', 'json', 'yaml', 'name'] as const
const LONGEST_PREVIEW = 100

export function addAdminNotifications(admin: Command, context: CliContext, tool: NotificationTool): void {
  const notifications = admin
    .command('notifications')
    .description('try triggers, templates and services of notifications')
  const template = notifications.command('template').description('templates of notifications')
  const trigger = notifications.command('trigger').description('triggers of notifications')
  withFlags(template.command('get [name]'))
    .description('print templates')
    .option('-o, --output <format>', 'wide|name|json|yaml', 'wide')
    .action(async (name: string | undefined, flags: NotificationFlags & { readonly output: string }) => {
      const templates = only(await tool.templates(flags), name)
      print(context, templates, flags.output, () => [
        ['NAME', 'PREVIEW'],
        ...Object.entries(templates).map(([own, value]) => [own, preview(value)]),
      ])
    })
  withFlags(template.command('notify <name> <resource>'))
    .description('send a template to recipients, or print it')
    .option(
      '--recipient <service:recipient>',
      'whom to send to; may be given several times (default: print it)',
      collect,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  capstan admin notifications template notify app-sync-succeeded guestbook --recipient slack:my-channel',
    )
    .action(async (name: string, resource: string, flags: NotificationFlags & { readonly recipient?: string[] }) => {
      const recipients = flags.recipient ?? ['console:stdout']
      await tool.notify(flags, { template: name, resource, recipients }, context.write)
    })
  withFlags(trigger.command('get [name]'))
    .description('print triggers')
    .option('-o, --output <format>', 'wide|name|json|yaml', 'wide')
    .action(async (name: string | undefined, flags: NotificationFlags & { readonly output: string }) => {
      const triggers = only(await tool.triggers(flags), name)
      print(context, triggers, flags.output, () => [
        ['NAME', 'TEMPLATE', 'CONDITION'],
        ...Object.entries(triggers).flatMap(([own, conditions]) => conditionRows(own, conditions)),
      ])
    })
  withFlags(trigger.command('run <name> <resource>'))
    .description('evaluate the conditions of a trigger for an application: its name, or a file with it')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan admin notifications trigger run on-sync-failed ./app.yaml --config-map ./cm.yaml --secret :empty',
    )
    .action(async (name: string, resource: string, flags: NotificationFlags) => {
      const results = await tool.run(flags, name, resource)
      const rows = results.map(({ when, isTriggered }) => [when, String(isTriggered)])
      context.write(formatTable([['CONDITION', 'RESULT'], ...rows]))
      for (const { when, fault } of results) {
        if (fault !== undefined) context.writeError(`${when}: ${fault}\n`)
      }
    })
}

function withFlags(command: Command): Command {
  return command
    .option('--config-map <path>', 'argocd-notifications-cm.yaml in place of that of the cluster; - is standard input')
    .option('--secret <path>', "argocd-notifications-secret.yaml in place of that of the cluster; ':empty' for none")
    .option('--kubeconfig <path>', 'kubeconfig of the cluster')
    .option('--context <name>', 'context of the kubeconfig')
    .option('-n, --namespace <name>', 'namespace of the control plane', 'argocd')
}

function only<Value>(all: Readonly<Record<string, Value>>, name: string | undefined): Readonly<Record<string, Value>> {
  const names = Object.keys(all).toSorted()
  const entries = names.filter((one) => name === undefined || one === name).map((one) => [one, all[one]])
  return Object.fromEntries(entries) as Record<string, Value> // the values of `all`
}

function print(
  { write }: CliContext,
  items: Readonly<Record<string, unknown>>,
  format: string,
  rows: () => readonly (readonly string[])[],
): void {
  const form = checkFormat(format, FORMATS)
  if (form === 'wide') write(formatTable(rows()))
  else if (form === 'name')
    write(
      Object.keys(items)
        .map((name) => `${name}\n`)
        .join(''),
    )
  else write(formatObject(items, form))
}

/** The first line of the message, or of all else, shortened as upstream does. */
function preview(template: object): string {
  const message = 'message' in template && typeof template.message === 'string' ? template.message : ''
  const [line = ''] = (message === '' ? JSON.stringify(template) : message).split('\n')
  return line.length > LONGEST_PREVIEW ? `${line.slice(0, LONGEST_PREVIEW - 1)}...` : line
}

function conditionRows(name: string, conditions: readonly ShownCondition[]): readonly (readonly string[])[] {
  return conditions.map(({ send = [], when = '' }, index) => [index === 0 ? name : '', send.join(', '), when])
}
