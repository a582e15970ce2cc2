// Texts in Korean of the list of applications.
import type { list as english } from '../en/list.ts'

export const list: Readonly<Record<keyof typeof english, string>> = {
  'list.title': '애플리케이션',
  'list.new': 'NEW APP',
  'list.search': '애플리케이션 검색',
  'list.searchHint': '이름, 소스, 네임스페이스, 레이블=값 …',
  'list.count': '전체 {all}개 중 {shown}개',
  'list.sync': '동기화',
  'list.health': '상태',
  'list.order': '정렬',
  'list.order.name': '이름순',
  'list.order.attention': '조치가 필요한 순',
  'list.order.recent': '최근 작업순',
  'list.empty': '아직 애플리케이션이 없습니다.',
  'list.emptyHint': '애플리케이션은 Git 저장소의 매니페스트를 클러스터에 배포합니다. 첫 애플리케이션을 만들어 보세요.',
  'list.noMatch': '조건에 맞는 애플리케이션이 없습니다.',
  'list.clear': '필터 지우기',
  'list.never': '동기화한 적 없음',
  'list.keys': '단축키: / 검색, ↑ ↓ 이동, Enter 열기, n 새 애플리케이션',
  'filter.find': '“{name}”에서 찾기',
}
