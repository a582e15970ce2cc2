// What a repository says of an application's source, as templates read it from `repo.GetAppDetails`.
import { GoStruct, GoTyped, sliceOf, STRING, strings, stringOf } from '../lang/go/values.ts'
import type { GoField, GoType, GoValue } from '../lang/go/values.ts'
import { fieldsOf, listOf, textOf, textsOf, type Fields } from './options.ts'

/** In the JSON of upstream's RepoAppDetailsResponse. */
export interface AppDetails {
  readonly type: string
  readonly helm?: unknown
  readonly kustomize?: unknown
  readonly directory?: unknown
  /** Parameters of the application itself, which stand before those of the chart. */
  readonly parameterOverrides: readonly { readonly name: string; readonly value: string }[]
}

function structType(name: string, fields: readonly GoField[]): GoType {
  return { name, kind: 'struct', fields }
}

function texts(...names: readonly string[]): readonly GoField[] {
  return names.map((name) => ({ name, type: STRING }))
}

const HELM_PARAMETER = structType('v1alpha1.HelmParameter', texts('Name', 'Value'))
const FILE_PARAMETER = structType('v1alpha1.HelmFileParameter', texts('Name', 'Path'))
const HELM_SPEC: GoType = structType('apiclient.HelmAppSpec', [
  ...texts('Name', 'Values'),
  { name: 'ValueFiles', type: sliceOf(STRING) },
  { name: 'Parameters', type: sliceOf(HELM_PARAMETER) },
  { name: 'FileParameters', type: sliceOf(FILE_PARAMETER) },
])
const HELM: GoType = {
  ...structType('shared.CustomHelmAppSpec', [
    { name: 'HelmAppSpec', type: HELM_SPEC },
    { name: 'HelmParameterOverrides', type: sliceOf(HELM_PARAMETER) },
  ]),
  methods: {
    GetParameterValueByName: {
      params: [STRING],
      result: STRING,
      call: (self, [name = '']) => parameterNamed(helmOf(self), stringOf(name) ?? ''),
    },
    GetFileParameterPathByName: {
      params: [STRING],
      result: STRING,
      call: (self, [name = '']) => fileNamed(helmOf(self), stringOf(name) ?? ''),
    },
  },
}
const KUSTOMIZE = structType('apiclient.KustomizeAppSpec', [{ name: 'Images', type: sliceOf(STRING) }])
const DIRECTORY = structType('apiclient.DirectoryAppSpec', [])
const DETAIL = structType('shared.AppDetail', [
  ...texts('Type'),
  { name: 'Helm', type: HELM },
  { name: 'Kustomize', type: KUSTOMIZE },
  { name: 'Directory', type: DIRECTORY },
])

interface Helm {
  readonly overrides: AppDetails['parameterOverrides']
  readonly parameters: readonly Fields[]
  readonly files: readonly Fields[]
}

function helmOf(self: GoValue): Helm | undefined {
  return self instanceof GoStruct && self.type === HELM ? (self.payload as Helm) : undefined // detailsValue puts it there
}

function parameterNamed(helm: Helm | undefined, name: string): string {
  const own = helm?.overrides.find((parameter) => parameter.name === name)
  return own?.value ?? textOf(helm?.parameters.find((parameter) => parameter['name'] === name) ?? {}, 'value')
}

function fileNamed(helm: Helm | undefined, name: string): string {
  return textOf(helm?.files.find((file) => file['name'] === name) ?? {}, 'path')
}

/** shared.AppDetail; what the source is not is nil. */
export function detailsValue(details: AppDetails): GoValue {
  const { type, helm, kustomize, directory } = details
  return new GoStruct(
    DETAIL,
    new Map<string, GoValue>([
      ['Type', type],
      ['Helm', helm === undefined ? null : helmValue(fieldsOf(helm), details.parameterOverrides)],
      ['Kustomize', kustomize === undefined ? null : kustomizeValue(fieldsOf(kustomize))],
      ['Directory', directory === undefined ? null : new GoStruct(DIRECTORY, new Map())],
    ]),
  )
}

function kustomizeValue(kustomize: Fields): GoStruct {
  return new GoStruct(KUSTOMIZE, new Map([['Images', strings(textsOf(kustomize, 'images'))]]))
}

function helmValue(helm: Fields, overrides: AppDetails['parameterOverrides']): GoStruct {
  const parameters = listOf(helm, 'parameters').map(fieldsOf)
  const files = listOf(helm, 'fileParameters').map(fieldsOf)
  const spec = new GoStruct(
    HELM_SPEC,
    new Map<string, GoValue>([
      ['Name', textOf(helm, 'name')],
      ['Values', textOf(helm, 'values')],
      ['ValueFiles', strings(textsOf(helm, 'valueFiles'))],
      ['Parameters', structs(HELM_PARAMETER, parameters, 'value')],
      ['FileParameters', structs(FILE_PARAMETER, files, 'path')],
    ]),
  )
  const fields = new Map<string, GoValue>([
    ['HelmAppSpec', spec],
    ['HelmParameterOverrides', structs(HELM_PARAMETER, overrides.map(fieldsOf), 'value')],
  ])
  const payload: Helm = { overrides, parameters, files }
  return new GoStruct(HELM, fields, payload)
}

function structs(type: GoType, items: readonly Fields[], second: 'value' | 'path'): GoTyped {
  const fieldName = second === 'value' ? 'Value' : 'Path'
  const values = items.map(
    (item) =>
      new GoStruct(
        type,
        new Map<string, GoValue>([
          ['Name', textOf(item, 'name')],
          [fieldName, textOf(item, second)],
        ]),
      ),
  )
  return new GoTyped(sliceOf(type), values)
}
