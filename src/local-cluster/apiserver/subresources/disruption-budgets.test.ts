// What a disruption budget says to an eviction, one line a case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../status.ts'
import { MAX_DISRUPTED_PODS, spendBudget, type Budget } from './disruption-budgets.ts'

const READY = { name: 'p', isReady: true, nowMs: 0 }
const REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
const falseCondition = (reason: string, message: string): object => ({
  conditions: [{ type: 'DisruptionAllowed', status: 'False', reason, message }],
})

function budget(status: object, spec: object = {}): Budget {
  const known = { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2, ...status }
  const metadata = { name: 'b', generation: 1 }
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec, status: known }
}

function refusal(one: Budget, disruption: typeof READY = READY): unknown {
  try {
    return spendBudget(one, disruption)?.status?.disruptionsAllowed ?? 'free'
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { causes = [], retryAfterSeconds = 0 } = (error.details ?? {}) as {
      readonly causes?: readonly { readonly message: string }[]
      readonly retryAfterSeconds?: number
    }
    return [error.code, error.message, causes[0]?.message, retryAfterSeconds, error.headers['retry-after']]
  }
}

test('refuses with the texts of kubernetes', () => {
  const failed = falseCondition('SyncFailed', 'found no controllers for pod "x"')
  const full = Object.fromEntries(Array.from({ length: MAX_DISRUPTED_PODS + 1 }, (_, index) => [`p${index}`, '']))
  const kind = 'poddisruptionbudget.policy "b" is forbidden'
  const cases: readonly [object, unknown][] = [
    [{}, [429, REFUSED, 'The disruption budget b needs 2 healthy pods and has 1 currently', 0, undefined]],
    [{ observedGeneration: 0 }, [429, REFUSED, 'The disruption budget b is still being processed by the server.', 10, '10']],
    [failed, [429, REFUSED, 'The disruption budget b does not allow evicting pods currently because it failed sync: found no controllers for pod "x"', 0, undefined]],
    [{ currentHealthy: 3 }, [429, REFUSED, 'The disruption budget b does not allow evicting pods currently', 0, undefined]],
    [{ currentHealthy: 3, ...falseCondition('Why', 'because') }, [429, REFUSED, 'The disruption budget b does not allow evicting pods currently (Why): because', 0, undefined]],
    [{ disruptionsAllowed: -1 }, [403, `${kind}: pdb disruptions allowed is negative`, undefined, 0, undefined]],
    [{ disruptionsAllowed: 1, disruptedPods: full }, [403, `${kind}: DisruptedPods map too big - too many evictions not confirmed by PDB controller`, undefined, 0, undefined]],
    [{ disruptionsAllowed: 3 }, 2],
  ] // prettier-ignore

  for (const [status, expected] of cases) assert.deepEqual(refusal(budget(status)), expected)
})

test('lets a pod go that is not ready while enough others are, or always where the policy says so', () => {
  const unready = { ...READY, isReady: false }

  assert.equal(refusal(budget({ currentHealthy: 2 }), unready), 'free')
  assert.equal(refusal(budget({}, { unhealthyPodEvictionPolicy: 'AlwaysAllow' }), unready), 'free')
  assert.notEqual(refusal(budget({}), unready), 'free')
})

test('remembers who went and says when nothing is left', () => {
  const spent = spendBudget(budget({ disruptionsAllowed: 1 }), READY)

  assert.deepEqual(spent?.status?.disruptedPods, { p: '1970-01-01T00:00:00Z' })
  assert.deepEqual(
    spent?.status?.conditions?.map(({ status, reason }) => [status, reason]),
    [['False', 'InsufficientPods']],
  )
})
