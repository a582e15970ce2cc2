// A kind as a small coloured mark.
import { markOf } from '../tree/kinds.ts'

export function KindMark({ kind }: { readonly kind: string }) {
  const { short, family } = markOf(kind)
  return (
    // Drawn by the style sheet: it is no part of the text, nor of what is copied.
    <span className={`kind-mark family-${family}`} data-short={short} aria-hidden />
  )
}
