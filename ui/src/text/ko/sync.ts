// Texts in Korean of the sync dialog.
import type { sync as english } from '../en/sync.ts'

export const sync: Readonly<Record<keyof typeof english, string>> = {
  'sync.title': '{name} 동기화',
  'sync.revision': '리비전',
  'sync.revisionHint': '브랜치, 태그 또는 커밋',
  'sync.prune': 'PRUNE',
  'sync.pruneHint': 'Git에 없는 리소스를 클러스터에서 삭제합니다',
  'sync.dryRun': 'DRY RUN',
  'sync.dryRunHint': '시험만 하고 아무것도 바꾸지 않습니다',
  'sync.force': 'FORCE',
  'sync.forceHint': '변경할 수 없는 리소스를 삭제하고 다시 만듭니다. 파드가 중단될 수 있습니다',
  'sync.applyOnly': 'APPLY ONLY',
  'sync.applyOnlyHint': '훅을 실행하지 않습니다',
  'sync.resources': '리소스',
  'sync.all': '전체',
  'sync.outOfSync': '차이가 있는 것만',
  'sync.none': '선택 해제',
  'sync.submit': '동기화 실행',
}
