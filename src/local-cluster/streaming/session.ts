// What a request for exec, attach or port-forward comes to once everything about it has been checked.
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { CommandQuery, CommandRun, Forward } from '../apiserver/hooks.ts'

export interface CommandSession {
  readonly kind: 'command'
  readonly query: CommandQuery
  readonly run: CommandRun
}

export interface ForwardSession {
  readonly kind: 'forward'
  /** Those of the query; only web sockets without a tunnel need them. */
  readonly ports: readonly string[]
  readonly pod: { readonly name: string; readonly uid: string }
  readonly forward: Forward
}

export type PodSession = CommandSession | ForwardSession

/** Says yes to an upgrade; whoever owns the socket goes on with the session. */
export interface UpgradeAnswer extends ApiResponse {
  readonly status: 101
  /** uid of the pod. */
  readonly podUid: string
  readonly session: PodSession
}

/** Only `connectToPod` answers with 101. */
export function isUpgrade(answer: ApiResponse): answer is UpgradeAnswer {
  return answer.status === 101
}
