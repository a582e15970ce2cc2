// Errors of a program: found before it runs, or while it runs, with the way to where they happened.
import { CapstanError } from '../../base/errors.ts'
import { rangeText, type Span } from './source.ts'

/** Frames of a trace that are shown: half of them from where it happened, half from where it began. */
const SHOWN_FRAMES = 20
/** A recursion has no end of them. */
const KEPT_FRAMES = 2000

/** A program that cannot be understood. The message begins with the place, as go-jsonnet has it. */
export function staticError(at: Span, message: string): CapstanError {
  return new CapstanError('bad-input', `${rangeText(at)} ${message}`)
}

interface Frame {
  readonly at: Span
  /** What the place belongs to: `function <f>`, `$` for a whole file. */
  readonly inside: string
}

/** Something went wrong while a program ran; each call it leaves adds a frame. */
export class RuntimeFault extends Error {
  readonly #frames: Frame[] = []

  constructor(message: string) {
    super(message)
    this.name = 'RuntimeFault'
  }

  /** Whether it is known where it happened. */
  get hasPlace(): boolean {
    return this.#frames.length > 0
  }

  /** Adds the place a level further out. */
  addFrame(at: Span, inside: string): void {
    if (this.#frames.length < KEPT_FRAMES) this.#frames.push({ at, inside })
  }

  /** Message and trace in the shape of go-jsonnet's (error_formatter.go, not pretty). */
  describe(stage: 'evaluation' | 'manifestation'): string {
    const half = SHOWN_FRAMES / 2
    const lines = this.#frames.map(({ at, inside }) => `\t${rangeText(at)}\t${inside}`)
    const shown = lines.length <= SHOWN_FRAMES ? lines : [...lines.slice(0, half), '\t...', ...lines.slice(-half)]
    return [`RUNTIME ERROR: ${this.message}`, ...shown, `\tDuring ${stage}\t`].join('\n')
  }
}

/** The fault of a recursion that does not end (go-jsonnet's text). */
export function tooDeep(): RuntimeFault {
  return new RuntimeFault('max stack frames exceeded.')
}
