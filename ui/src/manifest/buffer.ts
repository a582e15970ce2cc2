// What the YAML reader and writer of src/ need of Node's global Buffer, for the browser.

function bufferFrom(source: string | readonly number[]): { toString(): string } {
  const bytes =
    typeof source === 'string'
      ? Uint8Array.from(atob(source), (character) => character.codePointAt(0) ?? 0)
      : Uint8Array.from(source)
  return { toString: () => new TextDecoder().decode(bytes) }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

// Node has its own; there this file changes nothing.
if (!('Buffer' in globalThis)) Object.assign(globalThis, { Buffer: { from: bufferFrom, byteLength } })
