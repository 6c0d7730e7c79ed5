import { useEffect, useRef } from 'react'

const width = 62
const height = 18

export interface SparklineProps {
  /** Oldest first, the newest at the right edge. */
  readonly values: readonly number[]
  /** How many values the whole width stands for. */
  readonly length: number
  /** Name of a colour token. */
  readonly colour: string
  /** Changes when the tokens change, so that it is drawn again. */
  readonly theme: string
}

/** A small curve of the last values. It repeats what stands beside it in words. */
export function Sparkline({ values, length, colour, theme }: SparklineProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, values, length, colourOf(canvas.current, colour, theme))
  }, [values, length, colour, theme])
  return <canvas ref={canvas} className="sparkline" style={{ width, height }} />
}

/** What the names of colours stand for: to ask makes the browser compute the styles of the whole page. */
const colours = new Map<string, string>()

function colourOf(canvas: HTMLCanvasElement, name: string, theme: string): string {
  const key = `${theme} ${name}`
  const known = colours.get(key)
  if (known !== undefined) return known
  const colour = getComputedStyle(canvas).getPropertyValue(name)
  colours.set(key, colour)
  return colour
}

function draw(canvas: HTMLCanvasElement, values: readonly number[], length: number, colour: string): void {
  const scale = canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1
  canvas.width = width * scale
  canvas.height = height * scale
  const context = canvas.getContext('2d')
  if (context === null || values.length < 2) return
  const highest = Math.max(...values)
  const lowest = Math.min(...values)
  // A steady rate is a line in the middle, not noise blown up to the whole height.
  const span = Math.max(highest - lowest, highest * 0.5, 2)
  const middle = (highest + lowest) / 2
  context.scale(scale, scale)
  context.beginPath()
  values.forEach((value, i) => {
    const x = width - 1 - ((values.length - 1 - i) / (length - 1)) * (width - 2)
    const y = height / 2 - ((value - middle) / span) * (height - 5)
    if (i === 0) context.moveTo(x, y)
    else context.lineTo(x, y)
  })
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.lineJoin = 'round'
  context.lineCap = 'round'
  context.stroke()
}
