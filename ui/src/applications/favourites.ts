// The applications a person has marked, remembered by the browser.
import { readText, storeText, type Store } from '../preferences.ts'

const NAME = 'capstan.favourites'
/** More would not fit into an address. */
export const MAX_FAVOURITES = 100

/** `namespace/name` of each; whatever the store holds, what comes out is sound. */
export function readFavourites(store: Store): ReadonlySet<string> {
  try {
    const stored: unknown = JSON.parse(readText(store, NAME) ?? '[]')
    return new Set(
      Array.isArray(stored) ? stored.filter((key) => typeof key === 'string').slice(0, MAX_FAVOURITES) : [],
    )
  } catch {
    // Written by somebody else: as if there were none.
    return new Set()
  }
}

/** The set with one added, or without it if it was there; the oldest go when there are too many. */
export function toggleFavourite(store: Store, favourites: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const others = [...favourites].filter((other) => other !== key)
  const next = favourites.has(key) ? others : [...others, key].slice(-MAX_FAVOURITES)
  storeText(store, NAME, JSON.stringify(next))
  return new Set(next)
}
