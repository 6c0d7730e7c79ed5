import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'

/** One and a half times the Keep Alive [MQTT-3.1.2-24, in MQTT 5 MQTT-3.1.2-22]. */
const factor = 1.5
/** How long a broker that was busy or stopped reads what came meanwhile, before it calls anybody silent, in milliseconds. */
const mostCatchingUp = 250

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
  const left = () => lastPacket() + allowed - clock.monotonic() / 1e6
  let timer: Disposable
  const wait = () => {
    const ms = left()
    // Timers come before what has arrived: whoever was late itself has not read yet what the client sent in time.
    if (ms > 0) timer = clock.after(ms, wait)
    else timer = clock.after(Math.min(-ms, mostCatchingUp), () => (left() > 0 ? wait() : ranOut()))
  }
  wait()
  return { dispose: () => timer.dispose() }
}
