// Texts in Korean of what stands around every page, and of the log-in page.
import type { shell as english } from '../en/shell.ts'

export const shell: Readonly<Record<keyof typeof english, string>> = {
  'app.title': 'Capstan',
  'app.skip': '본문으로 건너뛰기',
  'app.user': '{name} 계정으로 로그인됨',
  'app.logOut': '로그아웃',
  'app.language': '언어',
  'app.theme': '테마',
  'app.theme.system': '시스템 설정',
  'app.theme.light': '밝게',
  'app.theme.dark': '어둡게',
  'app.version': 'Capstan {version}',
  'app.simulated': '내장 클러스터의 노드는 시뮬레이션이며, 컨테이너가 실제로 실행되지는 않습니다.',
  'app.loading': '불러오는 중 …',
  'app.close': '닫기',
  'app.cancel': '취소',
  'app.noAnswer': '서버가 응답하지 않습니다. Capstan이 실행 중인지 확인하세요. 이 페이지는 자동으로 다시 시도합니다.',
  'app.notFound': '페이지를 찾을 수 없습니다.',
  'app.toList': '애플리케이션 목록으로',
  'app.lost': '연결이 끊겼습니다. 표시된 내용이 최신이 아닐 수 있습니다',
  'login.title': 'Capstan 로그인',
  'login.user': '사용자 이름',
  'login.password': '비밀번호',
  'login.submit': '로그인',
  'login.busy': '로그인 중 …',
  'login.provider': '{name} 계정으로 로그인',
}
