// The clients of the wire benchmark, in a process of their own so that they take no time of the broker's. Publishers
// keep a window of messages in flight, subscribers count what arrives. Prints one line of JSON: messages delivered to
// each subscriber, and the seconds from the first PUBLISH to the last delivery.
import { once } from 'node:events'
import { connect } from 'node:net'
import process from 'node:process'
import { generate, parser } from 'mqtt-packet'

const [port, qos, messages, publishers, subscribers, window] = process.argv.slice(2).map(Number)
const each = Math.floor(messages / publishers)
const payload = Buffer.alloc(64, 0x61)

/** A connected client; `handle` hears of every packet after CONNACK. */
async function client(clientId, handle) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const parse = parser({ protocolVersion: 4 })
  const ready = new Promise((resolve) => {
    parse.on('packet', (packet) => (packet.cmd === 'connack' ? resolve() : handle(packet)))
  })
  socket.on('data', (octets) => parse.parse(octets))
  await once(socket, 'connect')
  const send = (packet) => socket.write(generate(packet))
  send({ cmd: 'connect', clientId, clean: true, keepalive: 0, protocolVersion: 4, protocolId: 'MQTT' })
  await ready
  return { send, end: () => socket.destroy(), cork: () => socket.cork(), uncork: () => socket.uncork() }
}

async function subscriber(index, delivered) {
  let granted
  const subscribed = new Promise((resolve) => {
    granted = resolve
  })
  const self = await client(`sub-${index}`, (packet) => {
    if (packet.cmd === 'suback') granted()
    else if (packet.cmd === 'pubrel') self.send({ cmd: 'pubcomp', messageId: packet.messageId })
    else if (packet.cmd === 'publish') {
      if (packet.qos === 1) self.send({ cmd: 'puback', messageId: packet.messageId })
      if (packet.qos === 2) self.send({ cmd: 'pubrec', messageId: packet.messageId })
      delivered()
    }
  })
  self.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'bench/#', qos }] })
  await subscribed
  return self
}

async function publisher(index) {
  let sent = 0
  let open = 0
  const publish = () => {
    const messageId = (sent % 65535) + 1
    self.send({ cmd: 'publish', topic: `bench/${index}`, payload, qos, messageId, retain: false, dup: false })
    sent += 1
    open += 1
  }
  const fill = () => {
    self.cork()
    while (open < window && sent < each) publish()
    self.uncork()
  }
  const self = await client(`pub-${index}`, (packet) => {
    if (packet.cmd === 'pubrec') self.send({ cmd: 'pubrel', messageId: packet.messageId })
    else {
      open -= 1
      fill()
    }
  })
  /** QoS 0 has no answer: what is delivered makes room. */
  const arrived = () => {
    open -= 1
    if (open < window / 2) fill()
  }
  return { ...self, start: fill, arrived }
}

let left = each * publishers * subscribers
let finish
const finished = new Promise((resolve) => {
  finish = resolve
})
const senders = []
let turn = 0
const all = []
for (let i = 0; i < subscribers; i++) {
  all.push(
    await subscriber(i, () => {
      left -= 1
      if (left === 0) finish()
      if (qos === 0 && i === 0) senders[turn++ % publishers].arrived()
    }),
  )
}
for (let i = 0; i < publishers; i++) senders.push(await publisher(i))
const start = performance.now()
for (const sender of senders) sender.start()
await finished
const seconds = (performance.now() - start) / 1000
for (const one of [...all, ...senders]) one.end()
console.log(JSON.stringify({ delivered: each * publishers, seconds }))
