// Texts in Korean of the frame around the settings.
import type { settings as english } from '../en/settings.ts'

export const settings: Readonly<Record<keyof typeof english, string>> = {
  'settings.nav': '설정',
  'settings.repositories': '저장소',
  'settings.registries': '레지스트리',
  'settings.clusters': '클러스터',
  'settings.projects': '프로젝트',
  'settings.certificates': '인증서',
  'settings.gpgKeys': 'GnuPG 키',
  'settings.accounts': '계정',
  'settings.appearance': '화면',
  'settings.appearanceLead': '이 브라우저에만 적용됩니다.',
  'settings.themeHint': '시스템 설정은 컴퓨터나 휴대폰의 설정을 따릅니다.',
  'settings.languageHint': '상태 이름은 API와 명령줄에서와 같이 영어로 표시됩니다.',
}
