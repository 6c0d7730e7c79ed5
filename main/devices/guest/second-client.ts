import type { ClientSettings } from '../../../app/script-api/crossing.ts'
import type { Address } from '../messages.ts'
import { DeviceClient } from './device-client.ts'

/**
 * Another client with the Client Identifier of a device, as when two devices were given the same one: the broker ends the
 * connection of the one that is there [MQTT-3.1.4-2]. It has no script and no will, and once its connection has ended it
 * does not come back.
 */
export class SecondClient {
  readonly #client: DeviceClient

  /** @param say tells the user what becomes of it */
  constructor({ will: _, ...settings }: ClientSettings, broker: Address, say: (text: string) => void) {
    const nothing = () => {}
    let online = false
    this.#client = new DeviceClient(settings, broker, {
      connected: () => {
        online = true
        say('a second client with its Client Identifier is connected')
      },
      lost: (reason) => {
        say(online ? `the second client is gone: ${reason}` : `the second client was not let in: ${reason}`)
      },
      message: nothing,
      written: nothing,
      settled: nothing,
      note: nothing,
    })
    this.#client.connect()
  }

  /** Resolves when its connection is gone. */
  end(): Promise<void> {
    this.#client.cut('close')
    return this.#client.gone()
  }
}
