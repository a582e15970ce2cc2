// What a reconciler is asked to look at: an object's namespace and name, nothing more.

/** `namespace` is empty for cluster scope. */
export interface Request {
  readonly namespace: string
  readonly name: string
}

/** A request as a queue key: `namespace/name`; neither part can hold a slash. */
export function requestKey(request: Request): string {
  return `${request.namespace}/${request.name}`
}

/** The inverse of `requestKey`. */
export function parseRequestKey(key: string): Request {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The request for an object. */
export function requestFor(object: {
  readonly metadata: { readonly namespace?: string; readonly name?: string }
}): Request {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }
}
