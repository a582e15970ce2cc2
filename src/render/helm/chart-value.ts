// `.Chart` as templates see it: a map in helm 4, a struct in helm 3.
import {
  ANY_SLICE,
  BOOL,
  GoStruct,
  GoTyped,
  pointerTo,
  sliceOf,
  STRING,
  STRING_MAP,
  STRING_SLICE,
  strings,
} from '../../lang/go/values.ts'
import type { GoField, GoMap, GoType, GoValue } from '../../lang/go/values.ts'
import { importsOf } from './import-values.ts'
import type { ChartDependency, ChartMetadata } from './metadata.ts'
import type { HelmRules } from './rules.ts'

/** The value of `.Chart` for a chart. */
export function chartValue(metadata: ChartMetadata, isRoot: boolean, rules: HelmRules): GoValue {
  const fields = fieldsOf(metadata, rules)
  if (!rules.hasChartStruct) return new Map<GoValue, GoValue>(Object.entries({ ...fields, IsRoot: isRoot }))
  return new GoStruct(
    CHART,
    new Map<string, GoValue>(Object.entries({ Metadata: structOf(METADATA, fields), IsRoot: isRoot })),
  )
}

/** As helm writes them back once it has read them. */
function importsValue(entry: ChartDependency, rules: HelmRules): GoValue {
  const imports = importsOf(entry).map((one) => new GoTyped(STRING_MAP, new Map<GoValue, GoValue>(Object.entries(one))))
  return imports.length === 0 && rules.hasChartStruct ? new GoTyped(ANY_SLICE, null) : imports
}

function fieldsOf(metadata: ChartMetadata, rules: HelmRules): Readonly<Record<string, GoValue>> {
  const dependencies = metadata.dependencies.map((entry) => ({
    Name: entry.name,
    Version: entry.version,
    Repository: entry.repository,
    Condition: entry.condition,
    Tags: strings(entry.tags),
    Enabled: true,
    ImportValues: importsValue(entry, rules),
    Alias: entry.alias,
  }))
  const maintainers = metadata.maintainers.map(({ name, email, url }) => ({ Name: name, Email: email, URL: url }))
  return {
    APIVersion: metadata.apiVersion,
    Annotations: annotationsValue(metadata.annotations),
    AppVersion: metadata.appVersion,
    Condition: metadata.condition,
    Dependencies: listOf(DEPENDENCY, dependencies, rules),
    Deprecated: metadata.deprecated,
    Description: metadata.description,
    Home: metadata.home,
    Icon: metadata.icon,
    Keywords: strings(metadata.keywords),
    KubeVersion: metadata.kubeVersion,
    Maintainers: listOf(MAINTAINER, maintainers, rules),
    Name: metadata.name,
    Sources: strings(metadata.sources),
    Tags: metadata.tags,
    Type: metadata.type,
    Version: metadata.version,
  }
}

function listOf(type: GoType, items: readonly Readonly<Record<string, GoValue>>[], rules: HelmRules): GoValue {
  if (!rules.hasChartStruct) return items.map((item): GoMap => new Map<GoValue, GoValue>(Object.entries(item)))
  const pointer = pointerTo(type)
  return new GoTyped(
    sliceOf(pointer),
    items.map((item) => new GoTyped(pointer, structOf(type, item))),
  )
}

function structOf(type: GoType, values: Readonly<Record<string, GoValue>>): GoStruct {
  return new GoStruct(type, new Map((type.fields ?? []).map(({ name }) => [name, values[name] ?? null])))
}

/** No annotations are a nil map, which JSON shows as null. */
function annotationsValue(annotations: Readonly<Record<string, string>>): GoValue {
  const entries = Object.entries(annotations)
  return new GoTyped(STRING_MAP, entries.length === 0 ? null : new Map(entries))
}

function field(name: string, type: GoType, json: string): GoField {
  return { name, type, json: { name: json, omitEmpty: true } }
}

const MAINTAINER: GoType = {
  name: 'chart.Maintainer',
  kind: 'struct',
  fields: [field('Name', STRING, 'name'), field('Email', STRING, 'email'), field('URL', STRING, 'url')],
}

const DEPENDENCY: GoType = {
  name: 'chart.Dependency',
  kind: 'struct',
  fields: [
    { name: 'Name', type: STRING, json: { name: 'name' } },
    field('Version', STRING, 'version'),
    { name: 'Repository', type: STRING, json: { name: 'repository' } },
    field('Condition', STRING, 'condition'),
    field('Tags', STRING_SLICE, 'tags'),
    field('Enabled', BOOL, 'enabled'),
    field('ImportValues', ANY_SLICE, 'import-values'),
    field('Alias', STRING, 'alias'),
  ],
}

/** helm v3.22.0 chart.Metadata, fields in its order. */
const METADATA: GoType = {
  name: 'chart.Metadata',
  kind: 'struct',
  fields: [
    field('Name', STRING, 'name'),
    field('Home', STRING, 'home'),
    field('Sources', STRING_SLICE, 'sources'),
    field('Version', STRING, 'version'),
    field('Description', STRING, 'description'),
    field('Keywords', STRING_SLICE, 'keywords'),
    field('Maintainers', sliceOf(pointerTo(MAINTAINER)), 'maintainers'),
    field('Icon', STRING, 'icon'),
    field('APIVersion', STRING, 'apiVersion'),
    field('Condition', STRING, 'condition'),
    field('Tags', STRING, 'tags'),
    field('AppVersion', STRING, 'appVersion'),
    field('Deprecated', BOOL, 'deprecated'),
    field('Annotations', STRING_MAP, 'annotations'),
    field('KubeVersion', STRING, 'kubeVersion'),
    field('Dependencies', sliceOf(pointerTo(DEPENDENCY)), 'dependencies'),
    field('Type', STRING, 'type'),
  ],
}

const CHART: GoType = {
  name: 'struct { chart.Metadata; IsRoot bool }',
  kind: 'struct',
  fields: [
    { name: 'Metadata', type: METADATA, isEmbedded: true },
    { name: 'IsRoot', type: BOOL },
  ],
}
