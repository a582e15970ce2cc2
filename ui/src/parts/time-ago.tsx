// How long ago something happened, kept true while it is looked at.
import { useEffect, useState } from 'react'
import { timeAgo } from '../applications/wording.ts'
import { usePreferences } from './preferences-context.tsx'

const TICK_MS = 10_000

export function TimeAgo({ time }: { readonly time: string }) {
  const { language } = usePreferences()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  // What has just happened may be later than the last tick.
  const shown = Math.max(now, Date.parse(time) || 0)
  return (
    <time dateTime={time} title={new Date(time).toLocaleString(language)}>
      {timeAgo(time, shown, language)}
    </time>
  )
}
