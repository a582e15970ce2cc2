// What `capstan admin export|import` does: reads a control plane from its cluster, or brings one back.
import { systemClock } from '../base/clock.ts'
import type { BackupFlags, BackupTool, ExportFlags } from '../cli/admin/backup.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import { stringifyYaml } from '../lang/yaml/write.ts'
import { BACKUP_KINDS, exportedForm } from '../settings/backup.ts'
import { type BackupPlace, enabledNamespaces, liveObjects } from './backup-place.ts'
import { importBackup } from './import-backup.ts'
import { replaceFile } from './replace-file.ts'
import { readInputFile, readStandardInput } from './standard-input.ts'

/** A backup of ten thousand applications has some 50 MB. */
export const MAX_BACKUP_BYTES: number = 512 * 1024 * 1024

export function backupTool(signal: AbortSignal): BackupTool {
  return {
    export: (flags, write) => withPlace(flags, signal, (place) => writeBackup(place, flags, write)),
    async import(flags, source, write) {
      const bytes = await (source === '-'
        ? readStandardInput(MAX_BACKUP_BYTES)
        : readInputFile(source, MAX_BACKUP_BYTES))
      const text = Buffer.from(bytes).toString('utf8')
      await withPlace(flags, signal, (place) => importBackup(place, { flags, text, write, clock: systemClock }))
    },
  }
}

async function withPlace<T>(
  flags: BackupFlags,
  signal: AbortSignal,
  work: (place: BackupPlace) => Promise<T>,
): Promise<T> {
  const { kubeconfig, context, namespace } = flags
  const loaded = await loadKubeConfig({
    env: process.env,
    ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  })
  const client = createClient(httpTransport(loaded.transport), { clock: systemClock })
  try {
    return await work({ client, namespace, signal, isEnabled: await enabledNamespaces(client, flags, signal) })
  } finally {
    await client.close()
  }
}

/** Documents with `---` after each, in the original's order; a file is readable by its owner alone. */
async function writeBackup(place: BackupPlace, { out }: ExportFlags, write: (text: string) => void): Promise<void> {
  if (out !== '-') return replaceFile(out, documentsOf(place))
  for await (const text of documentsOf(place)) write(text)
}

async function* documentsOf(place: BackupPlace): AsyncGenerator<string> {
  for (const kind of BACKUP_KINDS) {
    for (const object of await liveObjects(place, kind)) {
      yield `${stringifyYaml(exportedForm(object, place.namespace))}---\n`
    }
  }
}
