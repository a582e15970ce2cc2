// What of a large drawing is in view, by where its frame stands; pure, so that it is tested without a browser.
import { isTouching, type Rectangle, type TreeLayout } from './layout.ts'

export interface Viewport {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly zoom: number
}

export const MIN_ZOOM = 0.3
export const MAX_ZOOM = 1.5
const STEP = 1.2
/** Drawn beyond the edges, in pixels of the screen, so that scrolling shows no empty places. */
const OVERSCAN_PX = 300

/** The part of the layout that is drawn. */
export function windowOf(
  { nodes, lines }: TreeLayout,
  size: { readonly width: number; readonly height: number },
  { left, top, width, height, zoom }: Viewport,
): Pick<TreeLayout, 'nodes' | 'lines'> {
  const seen: Rectangle = {
    x: (left - OVERSCAN_PX) / zoom,
    y: (top - OVERSCAN_PX) / zoom,
    width: (width + 2 * OVERSCAN_PX) / zoom,
    height: (height + 2 * OVERSCAN_PX) / zoom,
  }
  return {
    nodes: nodes.filter(({ x, y }) => isTouching({ x, y, ...size }, seen)),
    lines: lines.filter((line) => isTouching(line, seen)),
  }
}

/** One step nearer or farther. */
export function stepZoom(zoom: number, direction: 1 | -1): number {
  return clampZoom(direction > 0 ? zoom * STEP : zoom / STEP)
}

export function clampZoom(zoom: number): number {
  return Math.min(Math.max(Math.round(zoom * 100) / 100, MIN_ZOOM), MAX_ZOOM)
}

/** The zoom at which the whole drawing fits; never nearer than life size. */
export function fitZoom(layout: TreeLayout, frame: { readonly width: number; readonly height: number }): number {
  if (layout.width === 0 || layout.height === 0 || frame.width === 0) return 1
  return clampZoom(Math.min(1, frame.width / layout.width, frame.height / layout.height))
}
