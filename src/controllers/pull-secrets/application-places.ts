// Where Applications use which images: what comparisons have found, and what a sync is about to apply.
import type { Application } from '../../crds/application.ts'
import type { ApplicationUses, StuckPod } from './dependencies.ts'

/** A namespace of a cluster. */
export interface Place {
  readonly server: string
  readonly namespace: string
}

export function placeKey({ server, namespace }: Place): string {
  return `${server} ${namespace}`
}

/** `namespace/name`, as Applications are named here. */
export function applicationKey({ metadata }: Pick<Application, 'metadata'>): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

interface Known {
  server: string
  project: string
  images: ReadonlyMap<string, ReadonlySet<string>>
  stuck: readonly StuckPod[]
  /** What a sync has announced; it counts until a comparison made later has shown what became of it. */
  claims: Map<string, Set<string>>
  claimedAtMs: number
  /** False while the last comparison could not be made: what was used before still is. */
  isCertain: boolean
}

export interface Claim {
  readonly project: string
  readonly place: Place
  readonly images: Iterable<string>
  readonly nowMs: number
}

export interface PlaceUse {
  readonly application: string
  readonly project: string
  readonly images: ReadonlySet<string>
  readonly stuck: readonly StuckPod[]
}

/** By Application and by place. */
export class ApplicationPlaces {
  readonly #known = new Map<string, Known>()
  readonly #byPlace = new Map<string, Set<string>>()

  /** Takes what an Application uses now; undefined uses: not known. Answers the places where that is something else than before. */
  put(application: string, project: string, uses: ApplicationUses | undefined): readonly Place[] {
    const known = this.#open(application)
    // Another project permits other credentials, wherever the Application is and what it has announced.
    const moved = known.project === project ? [] : this.#placesOf(known)
    known.project = project
    known.isCertain = uses !== undefined
    if (uses === undefined) return moved
    const before = { server: known.server, images: known.images }
    known.stuck = uses.stuck
    const changed = distinct([...moved, ...changedPlaces(before, uses)])
    if (changed.length === 0) return []
    this.#unlink(application, known)
    known.server = uses.server
    known.images = uses.images
    this.#link(application, known)
    return changed
  }

  /** Images a sync is about to apply. */
  claim(application: string, { project, place, images, nowMs }: Claim): void {
    const known = this.#open(application)
    this.#unlink(application, known)
    known.project = project
    known.server = place.server
    known.claimedAtMs = nowMs
    known.claims.set(place.namespace, new Set([...(known.claims.get(place.namespace) ?? []), ...images]))
    this.#link(application, known)
  }

  /** When something was last announced; undefined where nothing is. */
  claimedAtMs(application: string): number | undefined {
    const known = this.#known.get(application)
    return known === undefined || known.claims.size === 0 ? undefined : known.claimedAtMs
  }

  dropClaims(application: string): readonly Place[] {
    const known = this.#known.get(application)
    if (known === undefined) return []
    const before = this.#placesOf(known)
    this.#unlink(application, known)
    known.claims.clear()
    this.#link(application, known)
    return before
  }

  /** The Application is gone, or no longer ours; answers where it was. */
  forget(application: string): readonly Place[] {
    const known = this.#known.get(application)
    if (known === undefined) return []
    const places = this.#placesOf(known)
    this.#unlink(application, known)
    this.#known.delete(application)
    return places
  }

  usesAt(place: Place): readonly PlaceUse[] {
    return [...(this.#byPlace.get(placeKey(place)) ?? [])].flatMap((application) => {
      const known = this.#known.get(application)
      if (known === undefined) return []
      const images = known.images.get(place.namespace) ?? NONE
      const claimed = known.claims.get(place.namespace)
      const stuck = known.stuck.filter(({ namespace }) => namespace === place.namespace)
      return [
        { application, project: known.project, images: claimed === undefined ? images : images.union(claimed), stuck },
      ]
    })
  }

  /** True where what the Application uses was found out, and found out last time. */
  isCertain(application: string): boolean {
    return this.#known.get(application)?.isCertain === true
  }

  /** Every place in use. */
  places(): readonly Place[] {
    return distinct([...this.#known.values()].flatMap((known) => this.#placesOf(known)))
  }

  applications(): IterableIterator<string> {
    return this.#known.keys()
  }

  #open(application: string): Known {
    const known = this.#known.get(application) ?? {
      server: '',
      project: '',
      images: new Map(),
      stuck: [],
      claims: new Map(),
      claimedAtMs: 0,
      isCertain: false,
    }
    this.#known.set(application, known)
    return known
  }

  #placesOf({ server, images, claims }: Known): readonly Place[] {
    return [...new Set([...images.keys(), ...claims.keys()])].map((namespace) => ({ server, namespace }))
  }

  #link(application: string, known: Known): void {
    for (const place of this.#placesOf(known)) {
      const key = placeKey(place)
      const there = this.#byPlace.get(key) ?? new Set()
      this.#byPlace.set(key, there.add(application))
    }
  }

  #unlink(application: string, known: Known): void {
    for (const place of this.#placesOf(known)) {
      const key = placeKey(place)
      const there = this.#byPlace.get(key)
      there?.delete(application)
      if (there?.size === 0) this.#byPlace.delete(key)
    }
  }
}

const NONE: ReadonlySet<string> = new Set()

type Images = Pick<Known, 'server' | 'images'>

function changedPlaces(before: Images, now: Images): readonly Place[] {
  const placesIn = ({ server, images }: Images): readonly Place[] =>
    [...images.keys()].map((namespace) => ({ server, namespace }))
  if (before.server !== now.server) return [...placesIn(before), ...placesIn(now)]
  const namespaces = new Set([...before.images.keys(), ...now.images.keys()])
  const isChanged = (namespace: string): boolean =>
    (before.images.get(namespace) ?? NONE).symmetricDifference(now.images.get(namespace) ?? NONE).size > 0
  return [...namespaces].filter(isChanged).map((namespace) => ({ server: now.server, namespace }))
}

function distinct(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()]
}
