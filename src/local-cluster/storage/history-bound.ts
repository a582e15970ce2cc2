// Says from where on history may be forgotten because there is too much of it, whatever its age.

/** Superseded and deleted versions that are kept at most. */
const MAX_REVISIONS = 50_000
/** Their text. In memory this is what a storm of writes costs; a file holds it about one and a half times. */
const MAX_TEXT = 64 * 1024 * 1024
/** How exactly text is counted: a mark every so many revisions. */
const MARK_EVERY = 1000

interface Mark {
  readonly revision: number
  /** Text superseded up to there since the store was opened. */
  readonly text: number
}

export interface HistoryLimits {
  readonly revisions?: number
  readonly text?: number
  readonly markEvery?: number
}

/** Counts superseded versions as they come. What was there when the store was opened goes by its age. */
export class HistoryBound {
  readonly #limits: Required<HistoryLimits>
  readonly #marks: Mark[] = []
  #text = 0
  #newest = 0

  constructor({ revisions = MAX_REVISIONS, text = MAX_TEXT, markEvery = MARK_EVERY }: HistoryLimits = {}) {
    this.#limits = { revisions, text, markEvery }
  }

  /** A write: its revision and the length of the text it replaced. */
  note(revision: number, replaced: number): void {
    this.#text += replaced
    this.#newest = revision
    const last = this.#marks.at(-1)
    if (last === undefined || revision - last.revision >= this.#limits.markEvery) {
      this.#marks.push({ revision, text: this.#text })
    }
  }

  /** The revision to compact to; undefined while history is within its limits. */
  oldestKept(compacted: number): number | undefined {
    let target: Mark | undefined
    while (this.#marks.length > 1 && this.#isBeyond(this.#marks[0])) target = this.#marks.shift()
    return target === undefined || target.revision <= compacted ? undefined : target.revision
  }

  #isBeyond(mark: Mark | undefined): boolean {
    if (mark === undefined) return false
    return this.#newest - mark.revision > this.#limits.revisions || this.#text - mark.text > this.#limits.text
  }
}
