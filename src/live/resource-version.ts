// Compares resource versions of one object: decimal numbers of any length since Kubernetes 1.35 promises so.

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`; a version that is no number counts as newer than any. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0
  if (!isNumber(a)) return 1
  if (!isNumber(b)) return -1
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}

function isNumber(text: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(text)
}
