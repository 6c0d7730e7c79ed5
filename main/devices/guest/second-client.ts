import type { Clock } from '../../../app/base/clock.ts'
import type { ClientSettings } from '../../../app/script-api/crossing.ts'
import type { Address } from '../messages.ts'
import type { DeviceClientEvents } from './client-events.ts'
import { DeviceClient } from './device-client.ts'

/**
 * Another client with the Client Identifier of a device, as when two devices were given the same one: the broker ends the
 * connection of the one that is there [MQTT-3.1.4-2]. It has no script and no will, and once its connection has ended it
 * does not come back.
 */
export class SecondClient {
  readonly #client: DeviceClient

  /** @param on.say tells the user what becomes of it, @param on.gone the workbench that it has no connection any more */
  constructor(
    { will: _, ...settings }: ClientSettings,
    broker: Address,
    clock: Clock,
    { say, gone }: { readonly say: (text: string) => void; readonly gone: (reason: string) => void },
  ) {
    const nothing = () => {}
    let online = false
    const events: DeviceClientEvents = {
      connected: () => {
        online = true
        say('a second client with its Client Identifier is connected')
      },
      lost: (reason) => {
        const why = online ? `the second client is gone: ${reason}` : `the second client was not let in: ${reason}`
        say(why)
        gone(why)
      },
      message: nothing,
      written: nothing,
      settled: nothing,
      note: nothing,
    }
    this.#client = new DeviceClient(settings, broker, events, clock)
    this.#client.connect()
  }

  /** Resolves when its connection is gone. */
  end(): Promise<void> {
    this.#client.cut('close')
    return this.#client.gone()
  }
}
