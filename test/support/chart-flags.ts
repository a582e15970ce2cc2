// Renders a chart of the corpus with the flags of `helm template`.
import { parseIgnoreRules } from '../../src/render/helm/ignore.ts'
import type { ChartFile } from '../../src/render/helm/chart.ts'
import type { ChartInput } from '../../src/render/helm/render-chart.ts'
import type { HelmVersion } from '../../src/render/renderer.ts'
import { sha256Hex } from '../../src/base/digest.ts'

/** Files of a chart by path: text, or bytes in base64. */
export type CorpusChart = Readonly<Record<string, string | { readonly base64: string }>>

/** What `helm template DIR --name-template rel --namespace ns --kube-version 1.34.0` with these flags is given. */
export function chartInput(chart: CorpusChart, args: readonly string[], helmVersion: HelmVersion = '4.2'): ChartInput {
  const values = (flag: string): string[] => args.filter((_arg, index) => args[index - 1] === flag)
  const read = (path: string): Uint8Array | undefined => bytesOf(chart[path])
  return {
    files: chartFiles(chart),
    values: {
      files: values('--values').map((name) => {
        const bytes = read(name)
        if (bytes === undefined) throw new Error(`open ${name}: no such file or directory`)
        return { name, bytes }
      }),
      set: values('--set'),
      setString: values('--set-string'),
      setJson: values('--set-json'),
      setFile: values('--set-file'),
      setLiteral: values('--set-literal'),
      readFile: read,
    },
    helmVersion,
    releaseName: values('--name-template').at(-1) ?? 'rel',
    namespace: 'ns',
    kubeVersion: '1.34.0',
    apiVersions: values('--api-versions'),
    includeCrds: args.includes('--include-crds'),
    skipTests: args.includes('--skip-tests'),
    skipHooks: args.includes('--no-hooks'),
    skipSchemaValidation: args.includes('--skip-schema-validation'),
  }
}

function bytesOf(file: string | { readonly base64: string } | undefined): Uint8Array | undefined {
  if (file === undefined) return undefined
  return typeof file === 'string' ? Buffer.from(file) : Buffer.from(file.base64, 'base64')
}

/** The files that a chart's .helmignore leaves, in helm's walking order of folders. */
function chartFiles(chart: CorpusChart): ChartFile[] {
  const rules = chart['.helmignore']
  const ignores = parseIgnoreRules(typeof rules === 'string' ? rules : '')
  const kept = Object.keys(chart).filter((name) => !isIgnored(name, ignores))
  return kept.map((name) => {
    const bytes = bytesOf(chart[name]) ?? new Uint8Array()
    return { name, id: sha256Hex(bytes), bytes }
  })
}

function isIgnored(name: string, ignores: (path: string, isFolder: boolean) => boolean): boolean {
  const parts = name.split('/')
  const folders = parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1).join('/'))
  return ignores(name, false) || folders.some((folder) => ignores(folder, true))
}
