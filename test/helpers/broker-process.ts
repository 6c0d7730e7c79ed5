import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createEngine } from '../../main/broker/engine/engine.ts'
import { openStore, type StoreChoice } from '../../main/broker/stores/open-store.ts'
import { socketConnection } from '../../main/link/socket-connection.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'

/** A broker in a process of its own, to be killed. Says its port on a line; stops in order when it is told SIGTERM. */
const store = await openStore(JSON.parse(String(process.argv[2])) as StoreChoice, systemClock)
const engine = await createEngine({ clock: systemClock, store })
let connections = 0
const server = createServer({ pauseOnConnect: true }, (socket) => {
  connections += 1
  engine.accept(socketConnection(socket), connections)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('SIGTERM', () => {
  server.close()
  void engine.close()
})
process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
