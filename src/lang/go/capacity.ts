// The room that Go keeps behind the elements of a slice: what templates slice may reach into it.
import { elementsOf, GoTyped, STRING_SLICE, zeroValue } from './values.ts'
import type { GoType, GoValue } from './values.ts'

/** On lists that were made for their length, or are a part of another. Without it a list grew an element at a time, as decoders make them. */
const ROOM = Symbol('room')

interface Room {
  /** The list whose memory this one lies in. */
  readonly backing: readonly GoValue[]
  readonly offset: number
  readonly capacity: number
}

/** Positions in a slice, as of Go's `s[start:end:capacity]`. */
interface Bounds {
  readonly start: number
  readonly end: number
  readonly capacity: number
}

type RoomyList = readonly GoValue[] & { readonly [ROOM]?: Room }

/** The same list as one that was made with room for so many elements; for its own where nothing is said. */
export function withCapacity(list: GoValue[], capacity: number = list.length): GoValue[] {
  return withRoom(list, { backing: list, offset: 0, capacity })
}

/** Go's cap of a slice or an array. */
export function capacityOf(value: GoValue): number {
  const list: RoomyList = elementsOf(value) ?? []
  if (list[ROOM] !== undefined) return list[ROOM].capacity
  const type = value instanceof GoTyped ? value.type : undefined
  if (type?.kind === 'array' || (value instanceof GoTyped && value.value instanceof Uint8Array)) return list.length
  return grownOneByOne(0, list.length, elementBytes(type?.elem))
}

/** A list that an append made: it had room for fewer elements than it has now. */
export function appended(items: GoValue[], room: number): GoValue[] {
  const capacity = grownCapacity(room, items.length, INTERFACE_BYTES)
  return withCapacity(items, capacity)
}

/** A `[]string` with room for so many elements to begin with, into which these were put one after the other. */
export function stringsFrom(room: number, items: readonly string[]): GoTyped {
  return new GoTyped(STRING_SLICE, withCapacity([...items], grownOneByOne(room, items.length, INTERFACE_BYTES)))
}

/** The elements from `start` to `end`, which lie within the capacity; they share the room up to `capacity` with the whole. */
export function partOf(value: GoValue, { start, end, capacity }: Bounds): GoValue {
  const list: RoomyList = elementsOf(value) ?? []
  const { backing, offset } = list[ROOM] ?? { backing: list, offset: 0 }
  const part = list.slice(start, end)
  const elem = value instanceof GoTyped ? value.type.elem : undefined
  for (let at = start + part.length; at < end; at++) {
    part.push(backing[offset + at] ?? (elem === undefined ? null : zeroValue(elem)))
  }
  const shared = withRoom(part, { backing, offset: offset + start, capacity: capacity - start })
  return value instanceof GoTyped ? new GoTyped(value.type, shared) : shared
}

function withRoom(list: GoValue[], room: Room): GoValue[] {
  Object.defineProperty(list, ROOM, { value: room })
  return list
}

/** The capacity of a slice that had room for some elements, and to which `append` brought more, one after the other. */
function grownOneByOne(room: number, length: number, bytes: number): number {
  let capacity = room
  while (capacity < length) capacity = grownCapacity(capacity, capacity + 1, bytes)
  return capacity
}

/** From here on slices grow by a quarter, not to twice their size (Go runtime/slice.go nextslicecap). */
const SMALL_CAPACITY = 256

function grownCapacity(capacity: number, needed: number, bytes: number): number {
  if (needed > 2 * capacity) return Math.floor(allocatedBytes(needed * bytes, bytes) / bytes)
  let grown = capacity < SMALL_CAPACITY ? 2 * capacity : capacity
  while (grown < needed || (capacity >= SMALL_CAPACITY && grown === capacity)) {
    grown += Math.floor((grown + 3 * SMALL_CAPACITY) / 4)
  }
  return Math.floor(allocatedBytes(grown * bytes, bytes) / bytes)
}

const INTERFACE_BYTES = 16

function elementBytes(type: GoType | undefined): number {
  if (type === undefined || type.kind === 'string' || type.kind === 'interface') return INTERFACE_BYTES
  if (type.kind === 'slice') return 24
  return type.kind === 'bool' ? 1 : 8
}

/** Sizes that Go's allocator has (runtime/sizeclasses.go). */
const SIZE_CLASSES: readonly number[] = [
  8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480,
  512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864,
  5120, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480,
  21760, 24576, 27264, 28672, 32768,
]
const PAGE_BYTES = 8192
/** Blocks with pointers in them have a header from this size on. */
const HEADLESS_BYTES = 512
const HEADER_BYTES = 8

/** Go runtime/msize.go roundupsize. Elements of 16 bytes and more hold pointers. */
function allocatedBytes(bytes: number, element: number): number {
  const header = element >= INTERFACE_BYTES && bytes > HEADLESS_BYTES ? HEADER_BYTES : 0
  const found = SIZE_CLASSES.find((size) => size >= bytes + header)
  return found === undefined ? Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES : found - header
}
