// Starts the page.
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/request.ts'
import { queryKeys } from './live/use-stream.ts'
import { PreferencesProvider } from './parts/preferences-context.tsx'
import { createPageRouter } from './router.tsx'
import './style/theme.css'
import './style/parts.css'
import './style/choices.css'
import './style/dialog.css'
import './style/shell.css'
import './style/data.css'
import './style/list.css'
import './style/application.css'
import './style/difference.css'
import './style/sync.css'
import './style/application-details.css'
import './style/tree.css'
import './style/pods.css'
import './style/resource-list.css'
import './style/logs.css'
import './style/form.css'

const SILENT_RETRIES = 3

const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWithoutSession }),
  mutationCache: new MutationCache({ onError: leaveWithoutSession }),
  defaultOptions: {
    queries: {
      // What the server has refused it refuses again; no answer at all may pass.
      retry: (count, error) => count < SILENT_RETRIES && error instanceof ApiError && error.status === 0,
      staleTime: 5000,
    },
  },
})
const router = createPageRouter(queryClient)

/** A session that has ended: the router sends to the log-in page. */
function leaveWithoutSession(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401) return
  queryClient.removeQueries({ queryKey: queryKeys.session })
  void router.invalidate()
}

const root = document.querySelector('#root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <PreferencesProvider>
          <RouterProvider router={router} />
        </PreferencesProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}
