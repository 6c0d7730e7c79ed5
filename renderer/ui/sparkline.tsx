import { useEffect, useRef } from 'react'

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
  /** In pixels. @default 62 */
  readonly width?: number
  /** Its lower edge stands for 0 and its upper one for the largest value, for where that is said beside it. @default false */
  readonly fromZero?: boolean
}

/** A small curve of the last values. It repeats what stands beside it in words. */
export function Sparkline({ values, length, colour, theme, width = 62, fromZero = false }: SparklineProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (canvas.current === null) return
    const { lowest, span } = fromZero ? { lowest: 0, span: Math.max(1, ...values) } : steadyScale(values)
    draw(canvas.current, { values, length, width, lowest, span, colour: colourOf(canvas.current, colour, theme) })
  }, [values, length, colour, theme, width, fromZero])
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

interface Curve {
  readonly values: readonly number[]
  readonly length: number
  readonly width: number
  /** What the lower edge stands for, and how much more the upper one does. */
  readonly lowest: number
  readonly span: number
  readonly colour: string
}

/** A steady rate is a line in the middle, not noise blown up to the whole height. */
function steadyScale(values: readonly number[]): Pick<Curve, 'lowest' | 'span'> {
  const highest = Math.max(...values)
  const lowest = Math.min(...values)
  const span = Math.max(highest - lowest, highest * 0.5, 2)
  return { lowest: (highest + lowest - span) / 2, span }
}

function draw(canvas: HTMLCanvasElement, { values, length, width, lowest, span, colour }: Curve): void {
  const scale = canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1
  canvas.width = width * scale
  canvas.height = height * scale
  const context = canvas.getContext('2d')
  if (context === null || values.length < 2) return
  context.scale(scale, scale)
  context.beginPath()
  values.forEach((value, i) => {
    const x = width - 1 - ((values.length - 1 - i) / (length - 1)) * (width - 2)
    const y = height - 2.5 - ((value - lowest) / span) * (height - 5)
    if (i === 0) context.moveTo(x, y)
    else context.lineTo(x, y)
  })
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.lineJoin = 'round'
  context.lineCap = 'round'
  context.stroke()
}
