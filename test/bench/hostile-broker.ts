import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { createEngine } from '../../main/broker/engine/engine.ts'
import { socketConnection } from '../../main/link/socket-connection.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'

// The broker of hostile.bench.ts, in a process of its own: how late its event loop is is said by nobody else. It says its
// port on a line; `begin` starts a measurement, `end` stops it and has what was measured said on a line.

/** In milliseconds; the monitor counts its own interval in. */
const resolution = 1

const engine = await createEngine({ clock: systemClock })
let connections = 0
const server = createServer({ pauseOnConnect: true }, (socket) => {
  connections += 1
  engine.accept(socketConnection(socket), connections)
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
await once(server, 'listening')
process.stdout.write(`${(server.address() as AddressInfo).port}\n`)

let delay: IntervalHistogram | undefined
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'begin') {
    delay = monitorEventLoopDelay({ resolution })
    delay.enable()
  } else if (delay !== undefined) {
    delay.disable()
    const ms = (percent: number) => Math.max(0, (delay?.percentile(percent) ?? 0) / 1e6 - resolution)
    process.stdout.write(`${JSON.stringify({ p99: ms(99), longest: ms(100) })}\n`)
  }
}
