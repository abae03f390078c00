// A canvas as sharp as the screen and as large as its place. It is drawn again when its size, the theme or what is drawn
// changes, once per frame at most.

import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { colours } from '../base/theme'

export interface Drawing {
  readonly context: CanvasRenderingContext2D
  /** In pixels of the style sheet. */
  readonly width: number
  readonly height: number
  readonly colour: (name: string) => string
}

/** @param draw reads signals: a change of one of them draws again */
export function useCanvas(
  draw: (drawing: Drawing) => void,
  depends: readonly unknown[],
): { current: HTMLCanvasElement | null } {
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef(draw)
  latest.current = draw
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context) return
    let width = 0
    let height = 0
    const paint = (): void => {
      context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
      context.clearRect(0, 0, width, height)
      latest.current({ context, width, height, colour: colours.value })
    }
    const resize = (): void => {
      width = element.clientWidth
      height = element.clientHeight
      element.width = Math.round(width * devicePixelRatio)
      element.height = Math.round(height * devicePixelRatio)
    }
    const observer = new ResizeObserver(() => {
      resize()
      paint()
    })
    resize()
    observer.observe(element)
    const stop = effect(paint)
    return () => {
      observer.disconnect()
      stop()
    }
  }, depends)
  return canvas
}
