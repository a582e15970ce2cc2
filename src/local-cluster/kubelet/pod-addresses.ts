// Addresses for the pods of one simulated node.

/** Hands out `10.244.<node>.<2…254>` and beyond the node's range further ones; an address freed is reused last. */
export class PodAddresses {
  readonly #node: number
  readonly #taken = new Set<string>()
  #next = 0

  constructor(node: number) {
    this.#node = node
  }

  /** Keeps the address of a pod that already has one. */
  claim(address: string): void {
    this.#taken.add(address)
  }

  take(): string {
    for (;;) {
      const address = this.#address(this.#next++)
      if (this.#next >= MAX_PODS) this.#next = 0
      if (this.#taken.has(address) && this.#taken.size < MAX_PODS) continue
      this.#taken.add(address)
      return address
    }
  }

  release(address: string): void {
    this.#taken.delete(address)
  }

  /** The second range serves nodes with more pods than a /24 has room for. */
  #address(number: number): string {
    const block = Math.floor(number / 253)
    return `10.${244 + block}.${this.#node}.${(number % 253) + 2}`
  }
}

/** Eleven blocks (10.244 to 10.254): more than any node takes. */
const MAX_PODS: number = 253 * 11
