import { isExpired } from '../../../app/session/application-message.ts'
import type { SharedOutgoing } from '../../../app/session/outgoing.ts'
import type { ShareName } from '../../../app/session/subscription.ts'
import type { Counters } from './counters.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { ServedSession } from './served-session.ts'
import type { SessionGround } from './session-ground.ts'

/** Whether there is time for more is asked once for so many. */
const between = 32

interface StrandedHost {
  readonly ground: Pick<SessionGround, 'now' | 'turn'>
  readonly counters: Pick<Counters, 'assured'>
  /** @returns false where nobody has subscribed any more */
  giveOn(share: ShareName, message: RoutedMessage): boolean
}

/**
 * What was to reach one of several, and had not reached the one it was given to when that one's Session ended: it goes to
 * another [MQTT 5 §4.8.2]. Not at once, as the Session may have ended because of a message that is being given out.
 */
export class Stranded {
  readonly #host: StrandedHost
  #waiting: SharedOutgoing[] = []
  #isDue = false

  constructor(host: StrandedHost) {
    this.#host = host
  }

  /** The Session ends: its Subscriptions are gone, and what waits in it will be. */
  take({ outgoing }: Pick<ServedSession, 'outgoing'>): void {
    let lost = outgoing.assured
    for (const one of outgoing.forOthers()) {
      if (one.packetId === 0) lost--
      this.#waiting.push(one)
    }
    this.#host.counters.assured.sessionEnded += lost
    this.#later()
  }

  #later(): void {
    if (this.#isDue || this.#waiting.length === 0) return
    this.#isDue = true
    this.#host.ground.turn.next(() => this.#give())
  }

  /** As many as there is time for. */
  #give(): void {
    const { counters, ground } = this.#host
    const waiting = this.#waiting
    this.#waiting = []
    this.#isDue = false
    let next = 0
    for (; next < waiting.length && (next === 0 || !ground.turn.isOver); next++) {
      // What only waits for its client is no packet, and costs time all the same.
      if (next % between === 0) ground.turn.hurry()
      const { message, packetId, share } = waiting[next] as SharedOutgoing
      if (isExpired(message, ground.now())) continue
      const isGiven = this.#host.giveOn(share, message as RoutedMessage)
      if (!isGiven && packetId === 0) counters.assured.sessionEnded++
    }
    this.#waiting = [...waiting.slice(next), ...this.#waiting]
    this.#later()
  }
}
