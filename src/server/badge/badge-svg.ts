// The status badge as SVG: health on the left, sync on the right, a revision and a name where they are wanted.

export interface Badge {
  readonly left: string
  readonly leftColor: string
  readonly right: string
  readonly rightColor: string
  /** Shown behind the status; absent: there is none. */
  readonly revision?: string
  /** Pixels; absent: what the parts need. */
  readonly width?: number
  /** Name in a row above; absent: there is none. */
  readonly title?: string
}

/** Measures of upstream's badge (argo-cd v3.5.1 `server/badge/badge.go`): pages are laid out around them. */
const PLAIN_WIDTH = 131
const LEFT_WIDTH = 77
const RIGHT_WIDTH = 57
const ROW_HEIGHT = 20
const TITLE_WIDTH_PER_CHARACTER = 6
const REVISION_WIDTH_PER_CHARACTER = 31
const TITLE_COLOR = '#29343D'

/** Texts are escaped; ids of the parts are upstream's, which scripts look for. */
export function badgeSvg(badge: Badge): string {
  const { title = '', revision } = badge
  const asked = badge.width ?? PLAIN_WIDTH
  const titleWidth = title === '' ? 0 : Math.max(title.length * TITLE_WIDTH_PER_CHARACTER, asked)
  const width = title === '' ? asked : titleWidth
  const rowY = title === '' ? 0 : ROW_HEIGHT
  const textY = title === '' ? 130 : 330
  const height = title === '' ? ROW_HEIGHT : 2 * ROW_HEIGHT
  return [
    `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg">`,
    `<clipPath id="roundedCorners"><rect width="100%" height="100%" rx="3"/></clipPath>`,
    `<g clip-path="url(#roundedCorners)">`,
    rect('titleRect', { fill: TITLE_COLOR, x: 0, y: 0, width: titleWidth }),
    rect('leftRect', { fill: badge.leftColor, x: 0, y: rowY, width: LEFT_WIDTH }),
    rect('rightRect', { fill: badge.rightColor, x: LEFT_WIDTH, y: rowY, width: rightWidth(badge, titleWidth) }),
    ...(revision === undefined
      ? []
      : [rect('revisionRect', { fill: badge.rightColor, x: PLAIN_WIDTH, y: rowY, width: asked - PLAIN_WIDTH })]),
    `</g>`,
    `<g fill="#fff" text-anchor="middle" font-family="DejaVu Sans, sans-serif" font-size="90">`,
    logo(rowY + 2),
    text('titleText', { x: 100, y: 130, content: title, more: 'text-anchor="start" letter-spacing="-2"' }),
    text('leftText', { x: 475, y: textY, content: badge.left, more: 'letter-spacing="-2"' }),
    text('rightText', { x: 1035, y: textY, content: badge.right, more: 'letter-spacing="-2"' }),
    ...(revision === undefined ? [] : [revisionText(revision, textY)]),
    `</g>`,
    `</svg>`,
    '',
  ].join('\n')
}

/** A badge that is given a width fills it, whatever stands on top of that. */
function rightWidth({ width, revision }: Badge, titleWidth: number): number {
  if (titleWidth > 0) return titleWidth - LEFT_WIDTH
  return width === undefined || revision !== undefined ? RIGHT_WIDTH : width - LEFT_WIDTH
}

function revisionText(revision: string, y: number): string {
  const x = PLAIN_WIDTH * 10 + (revision.length + 1) * REVISION_WIDTH_PER_CHARACTER
  const more = 'font-family="monospace" font-size="100" letter-spacing="2"'
  return text('revisionText', { x, y, content: `(${revision})`, more })
}

interface Rect {
  readonly fill: string
  readonly x: number
  readonly y: number
  readonly width: number
}

function rect(id: string, { fill, x, y, width }: Rect): string {
  return `<rect id="${id}" fill="${fill}" x="${x}" y="${y}" width="${Math.max(0, width)}" height="${ROW_HEIGHT}"/>`
}

interface Text {
  readonly x: number
  readonly y: number
  readonly content: string
  readonly more: string
}

function text(id: string, { x, y, content, more }: Text): string {
  return `<text id="${id}" x="${x}" y="${y}" transform="scale(.1)" ${more}>${escaped(content)}</text>`
}

/** A capstan from the side: its drum between head and base. */
function logo(y: number): string {
  const shape = 'M2 1h10v3H9.5v5l2.5 2v2H2v-2l2.5-2V4H2z'
  return `<path id="logo" transform="translate(5 ${y + 1})" d="${shape}"/>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(content: string): string {
  return content.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
}
