// Every text of the page in English, put together from one file an area.
import { application } from './en/application.ts'
import { form } from './en/form.ts'
import { list } from './en/list.ts'
import { resource } from './en/resource.ts'
import { shell } from './en/shell.ts'
import { sync } from './en/sync.ts'
import { tree } from './en/tree.ts'
import { logs } from './en/logs.ts'
import { details } from './en/details.ts'

export const en = {
  ...shell,
  ...list,
  ...application,
  ...sync,
  ...resource,
  ...form,
  ...tree,
  ...logs,
  ...details,
} as const

export type TextKey = keyof typeof en
export type Catalogue = Readonly<Record<TextKey, string>>
