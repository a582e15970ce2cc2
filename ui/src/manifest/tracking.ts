// What marks a live resource as an application's.
import { isObject } from './json.ts'

const TRACKING = 'argocd.argoproj.io/tracking-id'
const INSTANCE = 'app.kubernetes.io/instance'

/** The tracking annotation, else the instance label; empty where there is neither. */
export function trackedBy(liveState: string | undefined): string {
  if (liveState === undefined || liveState === '') return ''
  const live: unknown = JSON.parse(liveState)
  const metadata = isObject(live) ? live['metadata'] : undefined
  if (!isObject(metadata)) return ''
  return textAt(metadata['annotations'], TRACKING) ?? textAt(metadata['labels'], INSTANCE) ?? ''
}

function textAt(map: unknown, name: string): string | undefined {
  const value = isObject(map) ? map[name] : undefined
  return typeof value === 'string' ? value : undefined
}
