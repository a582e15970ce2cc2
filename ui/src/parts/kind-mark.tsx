// A kind as a small coloured mark.
import { markOf } from '../tree/kinds.ts'

export function KindMark({ kind }: { readonly kind: string }) {
  const { short, family } = markOf(kind)
  return (
    <span className={`kind-mark family-${family}`} aria-hidden>
      {short}
    </span>
  )
}
