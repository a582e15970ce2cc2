// The field specs that a kustomization brings itself (api/internal/plugins/builtinconfig/loaddefaultconfig.go).
import { parseYaml } from '../../lang/yaml/read.ts'
import type { StructType } from './decode.ts'
import { decodeStruct } from './decode.ts'
import { inPlace } from './fault.ts'
import { FIELD_SPEC } from './kustomization-fields.ts'
import type { Loader } from './loader.ts'
import { loadText } from './loader.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { DEFAULT_CONFIG, SPEC_LISTS, mergeConfigs } from './transformer-config.ts'

const CONFIG: StructType = {
  struct: 'TransformerConfig',
  fields: {
    ...Object.fromEntries(SPEC_LISTS.map((name) => [name, { list: FIELD_SPEC }])),
    nameReference: {
      list: {
        struct: 'NameBackReferences',
        fields: { group: 'string', version: 'string', kind: 'string', fieldSpecs: { list: FIELD_SPEC } },
      },
    },
  },
}

/** Adds the defaults and the files of `configurations`. */
export function loadConfigurations(
  config: TransformerConfig,
  paths: readonly string[],
  loader: Loader,
): TransformerConfig {
  let own = DEFAULT_CONFIG
  for (const path of paths) own = mergeConfigs(own, readConfiguration(loadText(loader, path)))
  return mergeConfigs(config, own)
}

/** Reads one configuration file; fields it does not know are left out. */
export function readConfiguration(text: string): Partial<TransformerConfig> {
  const decoded = inPlace('error unmarshaling JSON: while decoding JSON', () =>
    decodeStruct(parseYaml(text), CONFIG, { unknownFields: 'ignore' }),
  )
  const { nameReference, ...lists } = decoded as DecodedConfig
  if (nameReference === undefined) return lists
  const references = nameReference.map(({ fieldSpecs = [], ...type }) => ({ ...type, referrers: fieldSpecs }))
  return { ...lists, nameReference: references }
}

/** `decodeStruct` has given every field the type that the table says. */
interface DecodedConfig extends Partial<Omit<TransformerConfig, 'nameReference'>> {
  readonly nameReference?: readonly {
    readonly group?: string
    readonly version?: string
    readonly kind?: string
    readonly fieldSpecs?: TransformerConfig['images']
  }[]
}
