// What stands around every page: the head with the ways, the notice of a simulated cluster, the foot with settings.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useRouter } from '@tanstack/react-router'
import { CircleHelp, LogOut, Search, UserRound } from 'lucide-react'
import { lazy, Suspense, useCallback, useState } from 'react'
import { listClusters, logOut, readUserInfo, readVersion } from '../api/calls.ts'
import { isSimulated } from '../clusters.ts'
import { queryKeys } from '../live/use-stream.ts'
import { Mark } from '../parts/mark.tsx'
import { PreferenceFields } from '../parts/preference-fields.tsx'
import { useText } from '../parts/preferences-context.tsx'
import { usePaletteKey, useShortcuts } from '../parts/shortcuts.ts'

const PaletteDialog = lazy(async () => ({ default: (await import('./tools/palette-dialog.tsx')).PaletteDialog }))
const HelpDialog = lazy(async () => ({ default: (await import('./tools/help-dialog.tsx')).HelpDialog }))

type Tool = 'palette' | 'help'

export function Shell() {
  const text = useText()
  // The router's own word: the browser has the address of a new page a moment later.
  const address = useLocation({ select: ({ publicHref }) => publicHref.split('#')[0] ?? '' })
  const leave = useLeave()
  const [tool, setTool] = useState<Tool>()
  const showHelp = useCallback(() => setTool('help'), [])
  usePaletteKey(() => setTool('palette'))
  useShortcuts({ '?': showHelp })
  return (
    <div className="shell">
      {/* With a base, an address of a part alone would be one of the start page. */}
      <a className="skip" href={`${address}#content`}>
        {text('app.skip')}
      </a>
      <header className="head">
        <Link to="/applications" className="home" aria-label={text('app.title')}>
          <Mark />
          <span className="home-name">{text('app.title')}</span>
        </Link>
        <Menu />
        <div className="account">
          <button
            type="button"
            className="button plain palette-open"
            aria-keyshortcuts="Control+K"
            onClick={() => setTool('palette')}
          >
            <Search className="icon" aria-hidden />
            <span className="wide-text">{text('app.find')}</span>
            <kbd className="wide-only">Ctrl K</kbd>
          </button>
          <button type="button" className="button plain wide-only" aria-label={text('app.keys')} onClick={showHelp}>
            <CircleHelp className="icon" aria-hidden />
          </button>
          <Account onLeave={leave} />
        </div>
      </header>
      <Simulated />
      <main id="content" className="page" tabIndex={-1}>
        <Outlet />
      </main>
      <Foot />
      <Suspense>
        {tool === 'palette' && (
          <PaletteDialog
            onHelp={showHelp}
            onLeave={leave}
            onClose={() => setTool((open) => (open === 'palette' ? undefined : open))}
          />
        )}
        {tool === 'help' && <HelpDialog onClose={() => setTool(undefined)} />}
      </Suspense>
    </div>
  )
}

function useLeave(): () => void {
  const router = useRouter()
  const client = useQueryClient()
  return useCallback(() => {
    const leave = async (): Promise<void> => {
      await logOut()
      client.clear()
      await router.navigate({ to: '/login' })
    }
    void leave()
  }, [router, client])
}

const WAYS = [
  ['/applications', 'list.title'],
  ['/applicationsets', 'app.sets'],
  ['/settings', 'app.settings'],
  ['/status', 'app.status'],
] as const

function Menu() {
  const text = useText()
  return (
    <nav className="main-menu" aria-label={text('app.menu')}>
      {WAYS.map(([to, key]) => (
        <Link key={to} to={to} className="main-link" activeProps={{ 'aria-current': 'page' }}>
          {text(key)}
        </Link>
      ))}
    </nav>
  )
}

function Account({ onLeave }: { readonly onLeave: () => void }) {
  const text = useText()
  const { data } = useQuery({ queryKey: queryKeys.session, queryFn: ({ signal }) => readUserInfo(signal) })
  const name = data?.username ?? ''
  return (
    <>
      <Link
        to="/account"
        className="button plain"
        title={text('app.user', { name })}
        aria-label={text('app.user', { name })}
      >
        <UserRound className="icon" aria-hidden />
        <span className="account-name wide-only">{name}</span>
      </Link>
      <button type="button" className="button plain" onClick={onLeave}>
        <LogOut className="icon" aria-hidden />
        <span className="wide-text">{text('app.logOut')}</span>
      </button>
    </>
  )
}

/** Says that the only cluster is a simulated one, where a person could mistake it for a real one; hidden for as long as the tab lives. */
function Simulated() {
  const text = useText()
  const clusters = useQuery({ queryKey: ['clusters'], queryFn: ({ signal }) => listClusters(signal) })
  const [isHidden, setHidden] = useState(false)
  const [only] = clusters.data ?? []
  if (isHidden || only === undefined || !isSimulated(clusters.data ?? [])) return null
  return (
    <div className="simulated" role="note">
      <p>{text('app.demo', { name: only.name ?? 'in-cluster' })}</p>
      <button type="button" className="link-button" onClick={() => setHidden(true)}>
        {text('app.demoHide')}
      </button>
    </div>
  )
}

function Foot() {
  const text = useText()
  const version = useQuery({
    queryKey: ['version'],
    queryFn: ({ signal }) => readVersion(signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <footer className="foot">
      <p className="foot-notice">
        {version.data !== undefined && text('app.version', { version: version.data.Version ?? '' })}
      </p>
      <PreferenceFields />
    </footer>
  )
}
