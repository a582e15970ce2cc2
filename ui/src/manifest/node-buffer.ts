// Stands for node:buffer in the browser: what the shared readers need of it.
import './buffer.ts'

export const { Buffer } = globalThis

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
