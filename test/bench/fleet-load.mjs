// What the fleet benchmark compares with and counts with, in a process of its own so that it takes no time of the
// broker's. `publish PORT QOS CLIENTS WINDOW SECONDS`: MQTT.js in a bare loop; each client keeps WINDOW messages in flight
// (at QoS 0: not yet written), and one line of JSON says how many were acknowledged in how many seconds.
// `count PORT FILTER`: counts what is delivered at QoS 1; a line on standard input asks for a line with the number.
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import mqtt from 'mqtt'

const [role, port, ...words] = process.argv.slice(2)
const url = `mqtt://127.0.0.1:${port}`
const payload = 'a'.repeat(64)

if (role === 'publish') await publish(...words.map(Number))
else await count(words[0])

async function publish(qos, clients, window, seconds) {
  let acknowledged = 0
  let running = true
  const all = await Promise.all(
    Array.from({ length: clients }, (_, i) =>
      mqtt.connectAsync(url, { clientId: `bare-${i + 1}`, reconnectPeriod: 0 }),
    ),
  )
  all.forEach((client, i) => {
    const next = () => {
      acknowledged++
      if (running) client.publish(`load/${i + 1}`, payload, { qos }, next)
    }
    for (let open = 0; open < window; open++) client.publish(`load/${i + 1}`, payload, { qos }, next)
  })
  // The first part of a second is for the compiler.
  await wait(500)
  const [before, start] = [acknowledged, performance.now()]
  await wait(seconds * 1000)
  const result = { acknowledged: acknowledged - before, seconds: (performance.now() - start) / 1000 }
  running = false
  console.log(JSON.stringify(result))
  process.exit(0)
}

async function count(filter) {
  let delivered = 0
  const client = await mqtt.connectAsync(url, { clientId: 'counter', reconnectPeriod: 0 })
  client.on('message', () => {
    delivered++
  })
  await client.subscribeAsync(filter, { qos: 1 })
  console.log('ready')
  for await (const _ of createInterface({ input: process.stdin })) console.log(delivered)
  process.exit(0)
}
