// Copies a text, and says so.
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useText } from './preferences-context.tsx'

const SHOWN_MS = 2000

export function CopyButton({ value, label }: { readonly value: string; readonly label?: string }) {
  const text = useText()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return undefined
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(value)
    setCopied(true)
  }
  const words = text(isCopied ? 'app.copied' : 'app.copy')
  const Icon = isCopied ? Check : Copy
  return (
    <button
      type="button"
      className="button plain copy"
      aria-label={label === undefined ? words : `${words}: ${label}`}
      title={words}
      onClick={() => void copy()}
    >
      <Icon className="icon" aria-hidden />
    </button>
  )
}
