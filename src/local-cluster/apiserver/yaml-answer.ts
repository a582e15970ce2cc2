// Answers as YAML.
import type { JsonObject } from '../../kube/object.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'

/** An object as sigs.k8s.io/yaml prints it: keys sorted. */
export function yamlText(value: JsonObject): string {
  return stringifyYaml(value)
}
