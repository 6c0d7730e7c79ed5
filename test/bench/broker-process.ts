import { type AddressInfo, createServer } from 'node:net'
import { Aedes } from 'aedes'
import { createEngine } from '../../main/broker/engine/engine.ts'
import { listenTcp } from '../../main/broker/listeners/tcp-listener.ts'
import { connectionOf } from '../../main/workbench/arrivals.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { Road } from '../helpers/road.ts'

// One broker of the benchmark, in a process of its own. Says its port on a line, and runs until it is killed.
const kinds: Record<string, () => Promise<number>> = {
  /** As the workbench has it: everything goes through a Link and is captured. */
  async road() {
    return (await Road.open()).port
  },
  /** The engine alone, with nothing between it and the sockets. */
  async engine() {
    const engine = await createEngine({ clock: systemClock })
    const listener = await listenTcp({ host: '127.0.0.1', port: 0 })
    let connection = 0
    listener.onArrival((arrival) => engine.accept(connectionOf(arrival), ++connection))
    return listener.port
  },
  /** As its README says, and without Nagle's delay. */
  async aedes() {
    const aedes = await Aedes.createBroker()
    const server = createServer({ noDelay: true }, aedes.handle)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  },
}

const kind = kinds[String(process.argv[2])]
if (kind === undefined) throw new Error(`there is no broker ${process.argv[2]}`)
process.stdout.write(`${await kind()}\n`)
