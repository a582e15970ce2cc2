// A preview for a terminal: a heading for each application, and its differences as `diff -u` has them.
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { ApplicationChange, PreviewReport, ResourceChange } from '../../preview/contract.ts'
import { unifiedDiff } from '../line-diff.ts'

export function previewText(report: PreviewReport): string {
  const { applications, problems } = report
  const sections = [...applications.map(section), ...(problems.length === 0 ? [] : [problemSection(problems)])]
  return [...sections, `${summary(report)}\n`].join('\n')
}

/** `2 applications changed, 1 added, 1 failed; 47 unchanged`. */
export function summary({ applications, unchanged }: PreviewReport): string {
  const counts = (['changed', 'added', 'removed', 'failed'] as const).flatMap((change) => {
    const count = applications.filter((one) => one.change === change).length
    return count === 0 ? [] : [`${count} ${change}`]
  })
  const all = applications.length + unchanged
  return `${all} application${all === 1 ? '' : 's'}: ${[...counts, `${unchanged} unchanged`].join(', ')}`
}

/** `Deployment shop/web`, with its group where there is one. */
export function nameOf({ key: { group, kind, namespace, name } }: ResourceChange): string {
  const place = namespace === '' ? name : `${namespace}/${name}`
  return `${group === '' ? kind : `${kind}.${group}`} ${place}`
}

/** Lines of both sides that differ, with some around them. */
export function differenceOf({ before, after }: ResourceChange): string {
  return unifiedDiff(yamlOf(before), yamlOf(after))
}

function section({ name, change, from, error, resources }: ApplicationChange): string {
  const head = `===== ${name} (${change}; ${from})\n`
  if (error !== undefined) return `${head}${error}\n`
  return head + resources.map((one) => `--- ${nameOf(one)} ${one.change}\n${differenceOf(one)}`).join('\n')
}

function problemSection(problems: readonly string[]): string {
  return `===== could not be read\n${problems.map((problem) => `${problem}\n`).join('')}`
}

function yamlOf(object: unknown): string {
  return object === undefined ? '' : stringifyYaml(object)
}
