// Every rule of delivery that upstream's engine pins by a test of its own has one here that cites it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

/** Tests and test files of argo-cd v3.5.1 (`gitops-engine/pkg`, `controller`, `util/argo`), by what they pin; the beginning of a name stands for a family. */
const PINNED: Readonly<Record<string, readonly string[]>> = {
  'order of tasks': [
    'TestSortSyncTask',
    'Test_syncTasks_kindOrder',
    'TestSyncNamespaceAgainstCRD',
    'TestSyncTasksSort_CRDAndCR',
    'TestSyncTasksSort_NamespaceAndObjectInNamespace',
    'waves_test',
    'helm/weight_test',
    'TestSyncCreateInSortedOrder',
  ],
  'one step': [
    'TestSyncSuccessfully_Multistep',
    'TestSyncNamespaceCreatedBeforeDryRun',
    'TestSyncContext_ServerSideApplyWithDryRun',
    'TestWaitForCleanUpBeforeNextWave',
    'TestOneProgressingDeploymentIsSucceededAndSynced',
    'Test_executeSyncFailPhase',
    'TestSync_SyncWaveHook',
  ],
  'building tasks': [
    'TestGarbageHook',
    'TestSkipHook',
    'TestUnnamedHooksGetUniqueNames',
    'TestHookFinalizer',
    'TestNamespaceAutoCreation',
    'Test_shouldNamespaceSync',
    'TestSyncCustomResources',
    'TestWaveReorderingOfPruneTasks',
    'TestPruneLast',
  ],
  'running tasks': [
    'TestSync_ExistingHooksWithFinalizer',
    'TestPruneConfirm',
    'TestDoNotPruneResourceLevelPruneFalse',
    'TestSyncContext_GetDeleteOptions_Default',
    'TestSync_Replace',
    'TestSyncOptionReplace',
    'TestSync_Force',
    'TestSync_ServerSideApply',
    'TestPerformCSAUpgradeMigration_',
  ],
  hooks: [
    'hook_test',
    'helm/type_test',
    'delete_policy_test',
    'TestSync_HooksNotDeletedIfPhaseNotCompleted',
    'TestSync_HooksDeletedAfterSync',
    'TestSelectiveSyncOnly',
    'TestSelectiveSyncDoesNotRunHooks',
    'TestSync_ApplyOutOfSyncOnly',
  ],
  diff: [
    'TestServerSideDiff',
    'TestThreeWayDiffExample',
    'TestDiff_KnownTypeInvalidValue',
    'TestStructuredMergeDiff',
    'TestStructuredMergeDiff_HPAv2ToV1Conversion',
    'TestExcludeManagerOwnedAncestors',
    'TestRemoveNamespaceAnnotation',
    'TestSecretStringData',
    'TestNullRoleRule',
    'TestUnsortedEndpoints',
    'TestHideSecretData',
  ],
  'ignoring differences': [
    'TestNormalizeObjectWithMatchedGroupKind',
    'TestNormalizeGlobMatch',
    'TestJqPathExpressionFailWithTimeout',
    'TestNormalize_Quantity',
    'TestNormalizeTargetResourcesPDBSelector',
  ],
  'tracking, health and the loop around': [
    'TestParseAppInstanceValue',
    'TestIsLiveResourceManaged',
    'TestResourceIdNormalizer',
    'TestSetApplicationHealth',
    'Test_isStatefulSetChild',
    'TestStatefulSetPVC',
    'TestIterateHierarchyV2',
    'TestGetDuplicatedChildren',
    'TestAutoSync',
    'TestSelfHealRemainingBackoff',
  ],
}

const ROOT = join(import.meta.dirname, '../..')

function cited(): string {
  const files = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  const tests = files.filter((file) => file.endsWith('.test.ts') && !file.includes('house'))
  return tests.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
}

test('each pinned rule is cited by a test', () => {
  const text = cited()
  const missing = Object.values(PINNED)
    .flat()
    // In a title, or in the table a title is made from.
    .filter((name) => !text.includes(`[${name}`) && !text.includes(`'${name}'`))

  assert.deepEqual(missing, [])
  assert.ok(text.length > 0)
})
