import type { Disposable } from '../../../app/base/disposable.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../../app/capture/captured.ts'
import type { RoutedMessage } from './routed-message.ts'

/** What is told of the engine as it happens. */
export class EngineNews implements Disposable {
  readonly events = new Emitter<{ connection: number; event: ConnectionEvent; deniedTopic?: string | undefined }>()
  /** A client has said who it is, whether it is let in or not. */
  readonly identified = new Emitter<{ connection: number; clientId: string }>()
  /** Somebody was not let in: what came was no CONNECT, or it was refused. */
  readonly turnedAway = new Emitter<{ connection: number; remote: string; reason: string }>()
  /** Every message that is routed, before anybody gets it. */
  readonly published = new Emitter<RoutedMessage>()

  dispose(): void {
    this.events.dispose()
    this.identified.dispose()
    this.turnedAway.dispose()
    this.published.dispose()
  }
}
