// The bounds of what a request may bring, each with where it comes from.

/** `MaxRequestBodyBytes` of kube-apiserver 1.36.3: larger bodies are answered with 413. */
export const MAX_BODY_BYTES: number = 3 * 1024 * 1024

/** etcd's default `--max-request-bytes` (1.5 MiB): larger objects cannot be stored. */
export const MAX_OBJECT_BYTES: number = 1.5 * 1024 * 1024

/** `FieldManagerMaxLength` of apimachinery. */
export const MAX_FIELD_MANAGER_BYTES = 128

/** `maxDepth` of sigs.k8s.io/json and of the YAML reader: deeper bodies are refused before anything walks them. */
export const MAX_DEPTH = 1_000

/** Events that wait for a slow watcher before its stream is ended; kube-apiserver ends one that has not read 10-1000 within its time. */
export const MAX_WAITING_EVENTS = 10_000

/** The text of such events: a watcher of large objects is ended sooner. */
export const MAX_WAITING_TEXT: number = 32 * 1024 * 1024

/** What a watch hands over at a time: a reader that stops reading holds no more of it. */
export const WATCH_CHUNK_BYTES: number = 256 * 1024

/** A last bookmark comes this long before a watch ends, so that its client resumes where it is. */
export const BOOKMARK_BEFORE_END_MS = 2_000

/** Bookmarks come about once a minute. */
export const BOOKMARK_INTERVAL_MS = 60_000

/** How long a watch without timeoutSeconds stays open: `--min-request-timeout` 1800 s. */
export const DEFAULT_WATCH_SECONDS = 1_800

/** How long history is kept: `--etcd-compaction-interval` 5 minutes. */
export const HISTORY_MS: number = 5 * 60_000
