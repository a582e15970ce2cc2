// Times as Kubernetes writes them.

/** `2026-01-02T03:04:05Z` of milliseconds since 1970: RFC 3339 in UTC, whole seconds, as metav1.Time marshals. */
export function rfc3339Seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
