// RBAC settings for the command line: read from a file or a cluster, judged as the server does.
import { readFile } from 'node:fs/promises'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { PolicySettings, PolicySource, PolicyTool } from '../cli/admin/policy-tool.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { parseRbacSettings } from '../policy/rbac/access.ts'
import { builtinPolicy } from '../policy/rbac/builtin-policy.ts'
import { createEnforcer } from '../policy/rbac/enforcer.ts'
import { parsePolicy } from '../policy/rbac/policy-lines.ts'

export function policyTool(env: Readonly<Record<string, string | undefined>>): PolicyTool {
  return {
    async read(source) {
      const settings = source.file === undefined ? await clusterSettings(source, env) : settingsOf(await readFile(source.file, 'utf8')) // prettier-ignore
      // Whoever reads it wants it right.
      parsePolicy(settings.policy)
      return settings
    },
    isAllowed: async ({ policy, defaultRole, matchMode }, { subject, isBuiltinUsed, ...request }) => {
      const base = createEnforcer(parsePolicy(isBuiltinUsed ? builtinPolicy() : ''), matchMode)
      const enforcer = createEnforcer(parsePolicy(policy), matchMode, base)
      return (defaultRole !== '' && enforcer.isAllowed(defaultRole, request)) || enforcer.isAllowed(subject, request)
    },
  }
}

/** A ConfigMap, else lines of CSV. */
function settingsOf(text: string): PolicySettings {
  const found = configMapIn(text)
  return found === undefined ? { policy: text, defaultRole: '', matchMode: 'glob' } : parseRbacSettings(found)
}

function configMapIn(text: string): KubeObject | undefined {
  try {
    const value: unknown = parseYaml(text)
    const isMap = typeof value === 'object' && value !== null && 'data' in value && 'metadata' in value
    if (!isMap) return undefined
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-rbac-cm' }, data: value.data } as KubeObject
  } catch {
    // Lines of CSV need not be YAML.
    return undefined
  }
}

async function clusterSettings(
  { namespace, kubeconfig, context }: PolicySource,
  env: Readonly<Record<string, string | undefined>>,
): Promise<PolicySettings> {
  const { transport } = await loadKubeConfig({
    env,
    ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  })
  const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'capstan' })
  try {
    const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
    const found = type === undefined ? undefined : await client.get({ type, namespace, name: 'argocd-rbac-cm' })
    if (found === undefined) throw new CapstanError('not-found', `there is no ConfigMap argocd-rbac-cm in ${namespace}`)
    return parseRbacSettings(found)
  } finally {
    await client.close()
  }
}
