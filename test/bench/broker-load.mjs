// The clients of the benchmarks of the broker and of the Link, in a process of their own. So that the broker is what is measured, nothing is
// parsed but fixed headers, and packets are written into buffers many at a time. Publishers keep a window of messages in
// flight. Every delivery is counted and must be the next of its topic: one that is lost, twice or out of order ends this
// with an error. Prints one line of JSON: deliveries, the seconds from the first PUBLISH until the last handshake was
// complete both ways, the seconds of processor time that the broker took for it (where the system tells), and this
// process itself.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import process from 'node:process'

const [port, brokerPid, qos, publishers, subscribers, messages, window] = process.argv.slice(2).map(Number)
/** With as many subscribers as publishers each has its own, else every subscriber gets everything. */
const paired = publishers === subscribers
const perPublisher = messages / publishers
const perSubscriber = paired ? perPublisher : messages
const payloadLength = 64
const patience = 120_000

/** All sockets read into the same octets: what is read is dealt with before the next is. */
const inbox = Buffer.alloc(64 * 1024)

/** Ends with an error; nothing that was measured would mean anything. */
function fail(why) {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

function packet(first, ...parts) {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(first, body.length), body])
}

function text(value) {
  return Buffer.concat([Buffer.of(value.length >> 8, value.length & 255), Buffer.from(value)])
}

/**
 * A connected client. `take` hears of each packet after CONNACK by its octets and where it starts and ends; `flush` when
 * all that came in one piece was taken.
 */
async function client(clientId, take, flush) {
  let rest = Buffer.alloc(0)
  const read = (length) => {
    let octets = inbox.subarray(0, length)
    if (rest.length > 0) octets = Buffer.concat([rest, octets])
    let at = 0
    while (octets.length - at >= 2) {
      // None of the packets here has 128 octets.
      const end = at + 2 + octets[at + 1]
      if (end > octets.length) break
      take(octets, at, end)
      at = end
    }
    rest = at === octets.length ? rest.subarray(0, 0) : Buffer.from(octets.subarray(at))
    flush()
    return true
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: inbox, callback: read } })
  socket.on('error', (error) => fail(`${clientId}: ${error.message}`))
  await once(socket, 'connect')
  socket.write(packet(0x10, text('MQTT'), Buffer.of(4, 2, 0, 60), text(clientId)))
  return socket
}

/** Packets of two octets of Packet Identifier, gathered for one write. */
class Answers {
  #octets = Buffer.alloc(64 * 1024)
  #used = 0

  add(first, high, low) {
    if (this.#used === this.#octets.length) this.#octets = Buffer.concat([this.#octets, this.#octets])
    const at = this.#used
    this.#octets[at] = first
    this.#octets[at + 1] = 2
    this.#octets[at + 2] = high
    this.#octets[at + 3] = low
    this.#used = at + 4
  }

  send(socket) {
    if (this.#used === 0) return
    socket.write(Buffer.from(this.#octets.subarray(0, this.#used)))
    this.#used = 0
  }
}

let handshakesLeft = messages * (qos === 0 ? 0 : 1) + perSubscriber * subscribers
let finish
const finished = new Promise((resolve) => {
  finish = resolve
})

function completed() {
  handshakesLeft -= 1
  if (handshakesLeft === 0) finish()
}

const topicOf = (index) => `plant/bench/${paired ? index : 0}`

async function subscriber(index, delivered) {
  const answers = new Answers()
  const payloadAt = 2 + 2 + topicOf(index).length + (qos === 0 ? 0 : 2)
  let next = 0
  let granted
  const subscribed = new Promise((resolve) => {
    granted = resolve
  })
  const take = (octets, at) => {
    const type = octets[at] >> 4
    if (type === 3) {
      const number = octets.readUInt32BE(at + payloadAt)
      if (number !== next) fail(`sub-${index}: message ${number} came where ${next} was due`)
      next += 1
      if (qos === 1) answers.add(0x40, octets[at + payloadAt - 2], octets[at + payloadAt - 1])
      else if (qos === 2) answers.add(0x50, octets[at + payloadAt - 2], octets[at + payloadAt - 1])
      if (qos < 2) completed()
      delivered?.(index)
    } else if (type === 6) {
      answers.add(0x70, octets[at + 2], octets[at + 3])
      completed()
    } else if (type === 9) granted()
  }
  const socket = await client(`sub-${process.pid}-${index}`, take, () => answers.send(socket))
  socket.write(packet(0x82, Buffer.of(0, 1), text(topicOf(index)), Buffer.of(qos)))
  await subscribed
  return { socket, received: () => next }
}

async function publisher(index) {
  const one = packet(
    0x30 | (qos << 1),
    text(topicOf(index)),
    Buffer.alloc(qos === 0 ? 0 : 2),
    Buffer.alloc(payloadLength, 0x61),
  )
  const numberAt = one.length - payloadLength
  const answers = new Answers()
  let sent = 0
  let open = 0
  let connected
  const ready = new Promise((resolve) => {
    connected = resolve
  })
  const fill = () => {
    // Not one by one: a publisher that is fast sends many in one piece.
    if (open > window / 2) return
    const count = Math.min(window - open, perPublisher - sent)
    if (count === 0) return
    const octets = Buffer.alloc(one.length * count)
    for (let at = 0; at < octets.length; at += one.length) {
      octets.set(one, at)
      octets.writeUInt32BE(sent, at + numberAt)
      if (qos > 0) octets.writeUInt16BE((sent % 65_535) + 1, at + numberAt - 2)
      sent += 1
    }
    open += count
    socket.write(octets)
  }
  const take = (octets, at) => {
    const type = octets[at] >> 4
    if (type === 5) answers.add(0x62, octets[at + 2], octets[at + 3])
    else if (type === 4 || type === 7) {
      open -= 1
      completed()
    } else if (type === 2) connected()
  }
  const socket = await client(`pub-${process.pid}-${index}`, take, () => {
    answers.send(socket)
    if (sent > 0) fill()
  })
  await ready
  /** QoS 0 has no answer: what is delivered makes room. */
  const arrived = () => {
    open -= 1
    fill()
  }
  return { socket, fill, arrived }
}

/** Seconds of processor time that all threads of the broker have had; undefined where the system does not tell. */
function brokerTime() {
  try {
    const folder = `/proc/${brokerPid}/task`
    const threads = readdirSync(folder).map((thread) => readFileSync(`${folder}/${thread}/schedstat`, 'utf8'))
    return threads.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0) / 1e9
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

const senders = []
// Of a fan-out the last subscriber counts: it is served after all others.
const makesRoom = (index) => {
  if (paired) senders[index].arrived()
  else if (index === subscribers - 1) senders[0].arrived()
}
const receivers = []
for (let i = 0; i < subscribers; i++) receivers.push(await subscriber(i, qos === 0 ? makesRoom : undefined))
for (let i = 0; i < publishers; i++) senders.push(await publisher(i))
const giveUp = setTimeout(() => {
  const received = receivers.reduce((sum, { received }) => sum + received(), 0)
  fail(`${received} of ${perSubscriber * subscribers} were delivered; ${handshakesLeft} handshakes are not complete`)
}, patience)
const cpu = brokerTime()
const own = process.cpuUsage()
const start = performance.now()
for (const { fill } of senders) fill()
await finished
const seconds = (performance.now() - start) / 1000
const after = brokerTime()
const { user, system } = process.cpuUsage(own)
clearTimeout(giveUp)
const delivered = receivers.reduce((sum, { received }) => sum + received(), 0)
for (const { socket } of [...receivers, ...senders]) socket.destroy()
const brokerSeconds = cpu === undefined || after === undefined ? undefined : after - cpu
console.log(JSON.stringify({ delivered, seconds, brokerSeconds, ownSeconds: (user + system) / 1e6 }))
