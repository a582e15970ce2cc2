// The policy that is always there: role:readonly, role:admin and the account admin (argo-cd v3.5.1 `assets/builtin-policy.csv`).

const READABLE: readonly (readonly [resource: string, object: string])[] = [
  ['applications', '*/*'],
  ['applicationsets', '*/*'],
  ['logs', '*/*'],
  ['certificates', '*'],
  ['clusters', '*'],
  ['repositories', '*'],
  ['write-repositories', '*'],
  ['projects', '*'],
  ['accounts', '*'],
  ['gpgkeys', '*'],
]

const WRITABLE: readonly (readonly [resource: string, actions: string, object: string])[] = [
  ['applications', 'create update update/* delete delete/* sync override action/*', '*/*'],
  ['applicationsets', 'get create update delete', '*/*'],
  ['certificates', 'create update delete', '*'],
  ['clusters', 'create update delete', '*'],
  ['repositories', 'create update delete', '*'],
  ['write-repositories', 'create update delete', '*'],
  ['projects', 'create update delete', '*'],
  ['accounts', 'update', '*'],
  ['gpgkeys', 'create delete', '*'],
  ['exec', 'create', '*/*'],
]

/** The built-in lines as policy text. */
export function builtinPolicy(): string {
  const read = READABLE.map(([resource, object]) => `p, role:readonly, ${resource}, get, ${object}, allow`)
  const write = WRITABLE.flatMap(([resource, actions, object]) => {
    return actions.split(' ').map((action) => `p, role:admin, ${resource}, ${action}, ${object}, allow`)
  })
  return [...read, ...write, 'g, role:admin, role:readonly', 'g, admin, role:admin'].join('\n')
}
