// What the name of an image says about pulling it.

const PATH = /^(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const DOMAIN =
  /^(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+:\d+|\[[0-9a-fA-F:]+\](?::\d+)?|[A-Z][A-Za-z0-9-]*)\//
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
/** distribution/reference refuses longer names. */
const MAX_NAME = 255

/** `Always` for `:latest` and for no tag at all, else `IfNotPresent`; a name that cannot be parsed counts as tagged (`SetDefaults_Container`). */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent'
}

/** The tag: `latest` where there is neither tag nor digest, empty where the name is none. */
function imageTag(image: string): string {
  if (image.length > MAX_NAME + 256) return ''
  const digest = DIGEST.exec(image)?.[0] ?? ''
  const name = image.slice(0, image.length - digest.length)
  const colon = name.lastIndexOf(':')
  const hasTag = colon > name.lastIndexOf('/')
  const tag = hasTag ? name.slice(colon + 1) : ''
  const repository = hasTag ? name.slice(0, colon) : name
  if (!isRepository(repository) || (hasTag && !TAG.test(tag))) return ''
  return tag === '' && digest === '' ? 'latest' : tag
}

function isRepository(repository: string): boolean {
  return repository.length <= MAX_NAME && PATH.test(repository.replace(DOMAIN, ''))
}
