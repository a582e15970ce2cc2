// `registry check IMAGE`: which pull secret the kubelet would use for an image, in which order, and whether the registry takes it.
import type { Command } from 'commander'
import { type CliContext, ExitCode } from '../context.ts'
import { printObject } from '../print.ts'
import { formatTable } from '../table.ts'
import { addVerb } from '../verb.ts'
import { file, output, text } from '../verb-flags.ts'
import type { CheckedImage } from './checked-image.ts'

export function addCheck(registry: Command, context: CliContext): void {
  addVerb(registry, context, {
    words: 'check <image>',
    about: 'say which pull secret an image would be pulled with, and whether the registry takes it',
    flags: {
      namespace: text('namespace of the pod', { short: 'n' }),
      serviceAccount: text('its ServiceAccount', { initial: 'default' }),
      app: text('look at the destination of this application, by the server'),
      appNamespace: text('namespace of the application', { short: 'N' }),
      kubeconfig: file('kubeconfig of the cluster; else KUBECONFIG, else ~/.kube/config'),
      context: text('context in the kubeconfig'),
      output: output('wide', 'json', 'yaml', 'name'),
    },
    examples: [
      'registry check registry.example.com/team/app:1.0 -n shop             # by the kubeconfig',
      'registry check registry.example.com/team/app:1.0 --app shop           # by the server, where the application goes',
      'registry check nginx -n shop --service-account builder -o json',
    ],
    async run(call) {
      const [image = ''] = call.args
      const { namespace, serviceAccount, app, appNamespace, kubeconfig, context: name } = call.flags
      const checked =
        app === undefined
          ? await context.kube.checkImage(
              { kubeconfig, context: name },
              { image, server: '', namespace: namespace ?? 'default', serviceAccount },
            )
          : await call.send<CheckedImage>('registry.RegistryService/Check', { image, application: app, appNamespace, namespace, serviceAccount }) // prettier-ignore
      printObject(call, checked, () => describe(checked), { name: () => `${checked.result ?? ''}\n` })
      if (checked.result !== 'Pulled' && checked.result !== 'Anonymous') throw new ExitCode(1)
    },
  })
}

function describe(checked: CheckedImage): string {
  const { image = '', namespace = '', serviceAccount = '', secrets, credentials, result = '', message = '' } = checked
  const head = `${image} for pods of ServiceAccount ${namespace}/${serviceAccount}\n`
  const kept = (secrets ?? []).map(({ name = '', state = '', message: why = '' }) => [name, state, why])
  const tried = (credentials ?? []).map((one, index) => [
    String(index + 1),
    one.secret ?? '',
    one.registry ?? '',
    one.username ?? '',
    one.result || 'not needed',
    one.message ?? '',
  ])
  const first = kept.length === 0 ? '\nThe ServiceAccount names no pull secrets.\n' : `\n${formatTable([['SECRET', 'STATE', 'MESSAGE'], ...kept])}` // prettier-ignore
  const second = tried.length === 0 ? '' : `\n${formatTable([['ORDER', 'SECRET', 'REGISTRY', 'USER', 'RESULT', 'MESSAGE'], ...tried])}` // prettier-ignore
  const warnings = (checked.warnings ?? []).map((warning) => `Warning: ${warning}\n`).join('')
  return `${head}${first}${second}\n${warnings}${result}: ${message}\n`
}
