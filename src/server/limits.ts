// Limits that all ways into the API share.

/** A call that does not stream has to end within this; a refresh waits for a render, which upstream gives 60 s. */
export const CALL_TIMEOUT_MS = 120_000

/** Local manifests of a sync are the largest bodies; the originals allow 200 MB, of which nothing sensible comes near. */
export const MAX_BODY_BYTES: number = 32 << 20

/** Nobody needs more to log in, and anybody may try. */
export const MAX_OPEN_BODY_BYTES: number = 64 << 10

/** A body has to have come by then; the largest take some seconds of a slow line. */
export const BODY_TIMEOUT_MS = 60_000
