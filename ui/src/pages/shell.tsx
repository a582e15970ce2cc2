// What stands around every page: the head with the way home, the foot with settings and notices.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useRouter } from '@tanstack/react-router'
import { LogOut } from 'lucide-react'
import { listClusters, logOut, readUserInfo, readVersion } from '../api/calls.ts'
import { isSimulated } from '../clusters.ts'
import { queryKeys } from '../live/use-stream.ts'
import { Mark } from '../parts/mark.tsx'
import { PreferenceFields } from '../parts/preference-fields.tsx'
import { useText } from '../parts/preferences-context.tsx'

export function Shell() {
  const text = useText()
  // Told anew on every page, whose address the browser has.
  useLocation()
  return (
    <div className="shell">
      {/* With a base, an address of a part alone would be one of the start page. */}
      <a className="skip" href={`${location.pathname}${location.search}#content`}>
        {text('app.skip')}
      </a>
      <header className="head">
        <Link to="/applications" className="home">
          <Mark />
          {text('app.title')}
        </Link>
        <Menu />
        <Account />
      </header>
      <main id="content" className="page" tabIndex={-1}>
        <Outlet />
      </main>
      <Foot />
    </div>
  )
}

function Menu() {
  const text = useText()
  return (
    <nav className="main-menu" aria-label={text('app.menu')}>
      <Link to="/applications" className="main-link" activeProps={{ 'aria-current': 'page' }}>
        {text('list.title')}
      </Link>
      <Link to="/applicationsets" className="main-link" activeProps={{ 'aria-current': 'page' }}>
        {text('app.sets')}
      </Link>
      <Link to="/settings" className="main-link" activeProps={{ 'aria-current': 'page' }}>
        {text('app.settings')}
      </Link>
    </nav>
  )
}

function Account() {
  const text = useText()
  const router = useRouter()
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: queryKeys.session, queryFn: ({ signal }) => readUserInfo(signal) })
  async function leave(): Promise<void> {
    await logOut()
    client.clear()
    await router.navigate({ to: '/login' })
  }
  return (
    <div className="account">
      <span className="account-name" title={text('app.user', { name: data?.username ?? '' })}>
        {data?.username}
      </span>
      <button type="button" className="button plain" onClick={() => void leave()}>
        <LogOut className="icon" aria-hidden />
        {text('app.logOut')}
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
  const clusters = useQuery({ queryKey: ['clusters'], queryFn: ({ signal }) => listClusters(signal) })
  return (
    <footer className="foot">
      <p className="foot-notice">
        {version.data !== undefined && text('app.version', { version: version.data.Version ?? '' })}
        {isSimulated(clusters.data ?? []) && <span> · {text('app.simulated')}</span>}
      </p>
      <PreferenceFields />
    </footer>
  )
}
