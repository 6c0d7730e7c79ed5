import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'

/** One and a half times the Keep Alive [MQTT-3.1.2-24, in MQTT 5 MQTT-3.1.2-22]. */
const factor = 1.5

/**
 * Calls `ranOut` when a client has been silent for too long.
 *
 * @param keepAlive in seconds, more than 0
 * @param lastPacket when its last Control Packet came, in monotonic milliseconds
 */
export function watchSilence(
  clock: Clock,
  keepAlive: number,
  lastPacket: () => number,
  ranOut: () => void,
): Disposable {
  const allowed = keepAlive * factor * 1000
  let timer: Disposable
  const wait = () => {
    const left = lastPacket() + allowed - clock.monotonic() / 1e6
    if (left <= 0) ranOut()
    else timer = clock.after(left, wait)
  }
  wait()
  return { dispose: () => timer.dispose() }
}
