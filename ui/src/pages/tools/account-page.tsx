// Who is logged in, by whom, and in which groups.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { UserRound } from 'lucide-react'
import { readUserInfo } from '../../api/calls.ts'
import { queryKeys } from '../../live/use-stream.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { useToolsText } from './use-tools-text.ts'

/** Who issues sessions to local accounts. */
const OWN_ISSUER = 'argocd'

export function AccountPage() {
  const text = useToolsText()
  const user = useQuery({ queryKey: queryKeys.session, queryFn: ({ signal }) => readUserInfo(signal) })
  return (
    <>
      <PageHead title={text('user.title')} />
      <Loaded query={user}>
        {({ username = '', iss = '', groups }) => (
          <section className="card narrow-card">
            <dl className="facts-grid">
              <dt>{text('user.name')}</dt>
              <dd>
                <strong>{username}</strong>
              </dd>
              <dt>{text('user.issuer')}</dt>
              <dd>{iss === OWN_ISSUER || iss === '' ? text('user.local') : iss}</dd>
              <dt>{text('user.groups')}</dt>
              <dd>
                {(groups ?? []).length === 0 ? text('user.none') : null}
                <span className="tags">
                  {(groups ?? []).map((group) => (
                    <span key={group} className="tag break">
                      {group}
                    </span>
                  ))}
                </span>
              </dd>
            </dl>
            {(iss === OWN_ISSUER || iss === '') && (
              <Link to="/settings/accounts" className="button">
                <UserRound className="icon" aria-hidden />
                {text('user.manage')}
              </Link>
            )}
          </section>
        )}
      </Loaded>
    </>
  )
}
