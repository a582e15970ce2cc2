// The page that asks for user name and password.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { logIn, providerLogin, readSettings } from '../api/calls.ts'
import { queryKeys } from '../live/use-stream.ts'
import { TextField } from '../parts/fields.tsx'
import { Failure } from '../parts/notice.tsx'
import { useText } from '../parts/preferences-context.tsx'
import { PreferenceFields } from '../parts/preference-fields.tsx'
import { Mark } from '../parts/mark.tsx'

const route = getRouteApi('/login')

export function LoginPage() {
  const text = useText()
  const { to } = route.useSearch()
  const router = useRouter()
  const client = useQueryClient()
  const settings = useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => readSettings(signal) })
  const provider = settings.data?.oidcConfig
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const login = useMutation({
    mutationFn: () => logIn(username, password),
    onSuccess: () => {
      client.removeQueries({ queryKey: queryKeys.session })
      router.history.push(to ?? '/applications')
    },
  })
  useEffect(() => {
    document.title = text('login.title')
  }, [text])
  function submit(event: FormEvent): void {
    event.preventDefault()
    login.mutate()
  }
  return (
    <main className="login">
      <form className="card login-card" onSubmit={submit}>
        <Mark />
        <h1>{text('login.title')}</h1>
        <Failure error={login.error} />
        <TextField
          label={text('login.user')}
          value={username}
          onValue={setUsername}
          autoComplete="username"
          autoCapitalize="none"
          required
        />
        <TextField
          label={text('login.password')}
          value={password}
          onValue={setPassword}
          type="password"
          autoComplete="current-password"
          required
        />
        <button type="submit" className="button primary" disabled={login.isPending}>
          {text(login.isPending ? 'login.busy' : 'login.submit')}
        </button>
        {provider === undefined ? null : (
          <a className="button" href={providerLogin(to ?? '/applications')}>
            {text('login.provider', { name: provider.name || 'OpenID Connect' })}
          </a>
        )}
      </form>
      <PreferenceFields />
    </main>
  )
}
