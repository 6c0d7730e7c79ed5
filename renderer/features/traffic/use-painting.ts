import { useEffect, useState } from 'react'
import type { Event } from '../../../app/base/emitter.ts'

/** Painting is what a busy list costs: above this many new records a frame it waits some frames between paintings. */
const busyRecordsPerFrame = 20
const framesWhenBusy = 4
/** It waits longer where frames are missed, up to a quarter of a second. */
const mostFrames = 16
const missedMs = 25

export interface Painted {
  readonly onChanged: Event<void>
  /** Grows by one with each record. */
  readonly last: number
}

/**
 * Renders anew when a record, a name or the index of what is shown changed: in the next frame when it is quiet, in every
 * fourth when it is busy.
 */
export function usePainting(source: Painted, onNames: Event<void>, onIndex: Event<void> | undefined): void {
  const [, setPainting] = useState(0)
  useEffect(() => {
    const pace = new PaintPace()
    let frame = 0
    let painted = source.last
    const nextFrame = (time: number) => {
      if (!pace.isDue(time, source.last - painted)) {
        frame = requestAnimationFrame(nextFrame)
        return
      }
      frame = 0
      painted = source.last
      setPainting((count) => count + 1)
    }
    const soon = () => {
      if (frame === 0) frame = requestAnimationFrame(nextFrame)
    }
    const subscriptions = [source.onChanged, onNames, onIndex].flatMap((event) => event?.(soon) ?? [])
    return () => {
      for (const subscription of subscriptions) subscription.dispose()
      cancelAnimationFrame(frame)
    }
  }, [source, onNames, onIndex])
}

/** Decides in which frame to paint. */
export class PaintPace {
  #frames = 0
  #wait = framesWhenBusy
  #before = 0

  /**
   * @param time of this frame, in milliseconds
   * @param records that came since the last painting
   */
  isDue(time: number, records: number): boolean {
    this.#frames++
    const missed = this.#frames > 1 && time - this.#before > missedMs
    this.#wait = missed ? Math.min(this.#wait * 2, mostFrames) : this.#wait
    this.#before = time
    const busy = records > busyRecordsPerFrame * this.#frames
    if (busy && this.#frames < this.#wait) return false
    this.#frames = 0
    this.#wait = Math.max(framesWhenBusy, this.#wait - 1)
    return true
  }
}
