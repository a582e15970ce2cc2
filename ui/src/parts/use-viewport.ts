// Follows what of a scrolling frame is seen, and lets it be dragged and zoomed.
import { useEffect, useEffectEvent, useLayoutEffect, useState, type RefObject } from 'react'
import { stepZoom, type Viewport } from '../tree/viewport.ts'

export interface FrameView {
  readonly viewport: Viewport
  readonly setZoom: (zoom: number) => void
}

const START: Viewport = { left: 0, top: 0, width: 1400, height: 800, zoom: 1 }

export function useViewport(frame: RefObject<HTMLDivElement | null>): FrameView {
  const [viewport, setViewport] = useState(START)
  useLayoutEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    let isAsked = false
    const read = (): void => {
      isAsked = false
      const { scrollLeft: left, scrollTop: top, clientWidth: width, clientHeight: height } = element
      setViewport((old) => ({ ...old, left, top, width, height }))
    }
    const ask = (): void => {
      if (isAsked) return
      isAsked = true
      requestAnimationFrame(read)
    }
    read()
    const sizes = new ResizeObserver(ask)
    sizes.observe(element)
    element.addEventListener('scroll', ask, { passive: true })
    const stopDragging = letDrag(element)
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', ask)
      stopDragging()
    }
  }, [frame])
  const setZoom = (zoom: number): void => setViewport((old) => ({ ...old, zoom }))
  const onWheel = useEffectEvent((event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    setZoom(stepZoom(viewport.zoom, event.deltaY < 0 ? 1 : -1))
  })
  useEffect(() => {
    const element = frame.current
    const listener = (event: WheelEvent): void => onWheel(event)
    // React's own listeners may not prevent the browser from zooming the whole page.
    element?.addEventListener('wheel', listener, { passive: false })
    return () => element?.removeEventListener('wheel', listener)
  }, [frame])
  return { viewport, setZoom }
}

/** The ground of the frame follows the mouse; a finger scrolls by itself. */
function letDrag(element: HTMLElement): () => void {
  let from: { readonly x: number; readonly y: number } | undefined
  const down = (event: PointerEvent): void => {
    const isGround = event.target instanceof Element && event.target.closest('[role=treeitem], button, a') === null
    if (!isGround || event.pointerType !== 'mouse' || event.button !== 0) return
    from = { x: event.clientX + element.scrollLeft, y: event.clientY + element.scrollTop }
    element.setPointerCapture(event.pointerId)
    element.classList.add('dragging')
  }
  const move = (event: PointerEvent): void => {
    if (from !== undefined) element.scrollTo(from.x - event.clientX, from.y - event.clientY)
  }
  const up = (): void => {
    from = undefined
    element.classList.remove('dragging')
  }
  element.addEventListener('pointerdown', down)
  element.addEventListener('pointermove', move)
  element.addEventListener('pointerup', up)
  element.addEventListener('pointercancel', up)
  return () => {
    element.removeEventListener('pointerdown', down)
    element.removeEventListener('pointermove', move)
    element.removeEventListener('pointerup', up)
    element.removeEventListener('pointercancel', up)
  }
}
