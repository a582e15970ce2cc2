// Defaults of volumes (pkg/apis/core/v1/defaults.go and zz_generated.defaults.go, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import { change, changeAt, changeEach, fill, put, textOf } from '../edit.ts'
import { defaultFieldRef, roundResources } from './container-defaults.ts'
import { defaultPullPolicy } from '../../../registry/image-reference.ts'

/** 0644, as files of projected volumes get. */
const FILE_MODE = 420

const SOURCES: Readonly<Record<string, JsonObject>> = {
  secret: { defaultMode: FILE_MODE },
  configMap: { defaultMode: FILE_MODE },
  downwardAPI: { defaultMode: FILE_MODE },
  projected: { defaultMode: FILE_MODE },
  hostPath: { type: '' },
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
}

/** A volume of a pod; one that names no source is an emptyDir. */
export function defaultVolume(volume: JsonObject): JsonObject {
  const keys = Object.keys(volume)
  if (keys.length === 0 || (keys.length === 1 && keys[0] === 'name')) return { ...volume, emptyDir: {} }
  let edited = volume
  for (const key of keys) {
    const defaults = Object.hasOwn(SOURCES, key) ? SOURCES[key] : undefined
    if (defaults !== undefined) edited = change(edited, key, (source) => fill(source, defaults))
    edited = defaultInside(edited, key)
  }
  return edited
}

function defaultInside(volume: JsonObject, key: string): JsonObject {
  switch (key) {
    case 'downwardAPI':
      return change(volume, key, defaultDownwardItems)
    case 'projected':
      return change(volume, key, (source) => changeEach(source, 'sources', defaultProjection))
    case 'ephemeral':
      return changeAt(volume, [key, 'volumeClaimTemplate', 'spec'], defaultClaimSpec)
    case 'image':
      return change(volume, key, (image) =>
        image['pullPolicy'] === undefined
          ? put(image, 'pullPolicy', defaultPullPolicy(textOf(image['reference'])))
          : image,
      )
    default:
      return volume
  }
}

function defaultProjection(projection: JsonObject): JsonObject {
  const edited = change(projection, 'downwardAPI', defaultDownwardItems)
  return change(edited, 'serviceAccountToken', (token) => fill(token, { expirationSeconds: 3600 }))
}

function defaultDownwardItems(source: JsonObject): JsonObject {
  return changeEach(source, 'items', (item) => change(item, 'fieldRef', defaultFieldRef))
}

/** The spec of a claim, whether it stands alone, in a template or in a pod. */
export function defaultClaimSpec(spec: JsonObject): JsonObject {
  return change(fill(spec, { volumeMode: 'Filesystem' }), 'resources', roundResources)
}

/** The spec of a volume, which shares a few sources with pods. */
export function defaultVolumeSource(spec: JsonObject): JsonObject {
  let edited = spec
  for (const key of ['hostPath', 'iscsi', 'rbd', 'azureDisk', 'scaleIO'])
    edited = change(edited, key, (source) => fill(source, SOURCES[key] ?? {}))
  return edited
}
