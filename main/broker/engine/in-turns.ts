import type { Client } from './client.ts'
import { isBusy, type Outbox, whenThereIsRoom } from './outbox.ts'
import type { ServedSession } from './served-session.ts'
import type { Turn } from './turn.ts'

/**
 * Does what a client has asked for, over several turns where it takes long; nothing else of the client is served before
 * it is done. Ends early where the client goes.
 *
 * @param work stops wherever the turn may end
 */
export function inTurns(
  engine: { readonly outbox: Outbox | undefined; readonly turn: Turn },
  client: Client,
  session: ServedSession,
  work: Generator<void, void>,
): void {
  const goOn = () => {
    session.isAsking = false
    if (client.isOver) {
      work.return()
      return
    }
    while (!work.next().done) {
      engine.turn.hurry()
      if (!isBusy(engine)) continue
      session.isAsking = true
      whenThereIsRoom(engine, goOnLater)
      return
    }
  }
  const goOnLater = () => {
    try {
      goOn()
    } catch (error) {
      client.broken(error)
    }
  }
  goOn()
}
