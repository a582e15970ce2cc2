// Every text of the page in Korean, put together from one file an area.
import type { Catalogue } from './en.ts'
import { application } from './ko/application.ts'
import { form } from './ko/form.ts'
import { list } from './ko/list.ts'
import { resource } from './ko/resource.ts'
import { shell } from './ko/shell.ts'
import { sync } from './ko/sync.ts'
import { tree } from './ko/tree.ts'
import { logs } from './ko/logs.ts'
import { details } from './ko/details.ts'

export const ko: Catalogue = {
  ...shell,
  ...list,
  ...application,
  ...sync,
  ...resource,
  ...form,
  ...tree,
  ...logs,
  ...details,
}
