// The pages by address, what their addresses hold, and who may see them.
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { readApplicationNamed, readUserInfo } from './api/calls.ts'
import { basePath } from './api/request.ts'
import { queryKeys } from './live/use-stream.ts'
import { ListPage } from './pages/list-page.tsx'
import { LoginPage } from './pages/login-page.tsx'
import { NotFoundPage, PageFailure } from './pages/problem-pages.tsx'
import { Shell } from './pages/shell.tsx'
import {
  readApplicationSearch,
  readListSearch,
  readLoginSearch,
  readNewSearch,
  readProjectSearch,
  readSetSearch,
} from './search.ts'

const rootRoute = createRootRouteWithContext<{ readonly queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: PageFailure,
})

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: readLoginSearch,
  component: LoginPage,
})

const insideRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'inside',
  beforeLoad: async ({ context, location }) => {
    const user = await context.queryClient.ensureQueryData({
      queryKey: queryKeys.session,
      queryFn: ({ signal }) => readUserInfo(signal),
    })
    if (user.loggedIn === true) return
    context.queryClient.removeQueries({ queryKey: queryKeys.session })
    redirect({ to: '/login', search: { to: location.href }, throw: true })
  },
  component: Shell,
})

const homeRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/applications', throw: true })
  },
})

const listRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/applications',
  validateSearch: readListSearch,
  component: ListPage,
})

const newRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/applications/new',
  validateSearch: readNewSearch,
  component: lazyRouteComponent(() => import('./pages/new-application-page.tsx'), 'NewApplicationPage'),
})

/** The short address of Argo CD's page, which notifications and bookmarks have. */
const namedRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/applications/$name',
  beforeLoad: async ({ params: { name }, abortController }) => {
    const { metadata } = await readApplicationNamed(name, abortController.signal)
    const params = { namespace: metadata.namespace ?? '', name }
    redirect({ to: '/applications/$namespace/$name', params, replace: true, throw: true })
  },
})

const applicationRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/applications/$namespace/$name',
  validateSearch: readApplicationSearch,
  component: lazyRouteComponent(() => import('./pages/application-page.tsx'), 'ApplicationPage'),
})

const accountRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/tools/account-page.tsx'), 'AccountPage'),
})

const statusRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/status',
  component: lazyRouteComponent(() => import('./pages/tools/status-page.tsx'), 'StatusPage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings-layout.tsx'), 'SettingsLayout'),
})

const settingsHomeRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/settings/repositories', replace: true, throw: true })
  },
})

const repositoriesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/repositories',
  component: lazyRouteComponent(() => import('./pages/settings/repositories-page.tsx'), 'RepositoriesPage'),
})

const clustersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/clusters',
  component: lazyRouteComponent(() => import('./pages/settings/clusters-page.tsx'), 'ClustersPage'),
})

const certificatesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/certificates',
  component: lazyRouteComponent(() => import('./pages/settings/certificates-page.tsx'), 'CertificatesPage'),
})

const gpgKeysRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/gpg-keys',
  component: lazyRouteComponent(() => import('./pages/settings/gpg-keys-page.tsx'), 'GpgKeysPage'),
})

const accountsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/accounts',
  component: lazyRouteComponent(() => import('./pages/settings/accounts-page.tsx'), 'AccountsPage'),
})

const appearanceRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/appearance',
  component: lazyRouteComponent(() => import('./pages/settings/appearance-page.tsx'), 'AppearancePage'),
})

const projectsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/projects',
  component: lazyRouteComponent(() => import('./pages/settings/projects-page.tsx'), 'ProjectsPage'),
})

const projectRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/projects/$name',
  validateSearch: readProjectSearch,
  component: lazyRouteComponent(() => import('./pages/settings/project-page.tsx'), 'ProjectPage'),
})

const registriesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/registries',
  component: lazyRouteComponent(() => import('./pages/settings/registries-page.tsx'), 'RegistriesPage'),
})

const setsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/applicationsets',
  component: lazyRouteComponent(() => import('./pages/sets/sets-page.tsx'), 'SetsPage'),
})

const newSetRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/applicationsets/new',
  component: lazyRouteComponent(() => import('./pages/sets/new-set-page.tsx'), 'NewSetPage'),
})

const setRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/applicationsets/$namespace/$name',
  validateSearch: readSetSearch,
  component: lazyRouteComponent(() => import('./pages/sets/set-page.tsx'), 'SetPage'),
})

export function createPageRouter(queryClient: QueryClient) {
  return createRouter({
    basepath: basePath() || '/',
    routeTree: rootRoute.addChildren([
      loginRoute,
      insideRoute.addChildren([
        homeRoute,
        listRoute,
        newRoute,
        namedRoute,
        applicationRoute,
        accountRoute,
        statusRoute,
        setsRoute,
        newSetRoute,
        setRoute,
        settingsRoute.addChildren([
          settingsHomeRoute,
          repositoriesRoute,
          registriesRoute,
          clustersRoute,
          projectsRoute,
          projectRoute,
          certificatesRoute,
          gpgKeysRoute,
          accountsRoute,
          appearanceRoute,
        ]),
      ]),
    ]),
    context: { queryClient },
    defaultNotFoundComponent: NotFoundPage,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPageRouter>
  }
}
