import { createHash, type Hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createConnectionPair } from '../../../app/mqtt/connection-pair.ts'
import type { Listener } from '../../../main/broker/listeners/listener.ts'
import { listenTcp } from '../../../main/broker/listeners/tcp-listener.ts'
import { socketConnection } from '../../../main/link/socket-connection.ts'
import { createWire } from '../../../main/link/wire.ts'
import { Recorder } from '../../../main/recorder/recorder.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import { until } from '../../helpers/until.ts'

const mebibyte = 1024 * 1024
/** 64 MiB by default; up to 256, which is as large as a packet can be, where a person asks for it. */
const payload = Number(process.env['FAULTLINE_LARGE_MIB'] ?? 64) * mebibyte - 8

let listener: Listener
let socket: Socket

afterEach(async () => {
  socket.destroy()
  await listener.close()
})

/** The fixed header of a PUBLISH with so many octets behind it [MQTT 3.1.1 §2.2.3]. */
function header(remaining: number): Uint8Array {
  const octets = [0x30]
  for (let left = remaining; ; left = Math.floor(left / 128)) {
    octets.push((left % 128) | (left >= 128 ? 0x80 : 0))
    if (left < 128) return Uint8Array.from(octets)
  }
}

/** A socket whose Link leads to somebody who only counts and hashes. */
async function openLargeRoad(hash: Hash) {
  const recorder = new Recorder({ clock: systemClock })
  const wire = createWire({ clock: systemClock, seed: 1, tap: recorder })
  const heard = { octets: 0, ended: false, peak: 0 }
  listener = await listenTcp({ host: '127.0.0.1', port: 0 })
  listener.onArrival(({ carrier: accepted }) => {
    const [linkEnd, sink] = createConnectionPair()
    sink.listen({
      octets(octets) {
        heard.octets += octets.length
        hash.update(octets)
        heard.peak = Math.max(heard.peak, process.memoryUsage().arrayBuffers)
      },
      ended() {
        heard.ended = true
      },
      drained() {},
      closed() {},
    })
    wire.open({ connection: 1, client: socketConnection(accepted), broker: linkEnd })
    sink.resume()
  })
  socket = connect({ host: '127.0.0.1', port: listener.port })
  await once(socket, 'connect')
  return { recorder, heard }
}

describe('a very large packet', () => {
  it('passes octet for octet as it comes, and is not collected', async () => {
    const [sent, received] = [createHash('sha256'), createHash('sha256')]
    const { recorder, heard } = await openLargeRoad(received)
    const before = process.memoryUsage().arrayBuffers
    const piece = randomBytes(mebibyte)
    const head = header(payload)
    sent.update(head)
    socket.write(head)
    for (let left = payload; left > 0; left -= piece.length) {
      const octets = left < piece.length ? piece.subarray(0, left) : piece
      sent.update(octets)
      if (!socket.write(octets)) await once(socket, 'drain')
    }
    socket.end()
    await until('all has passed', () => heard.ended, 100_000)
    expect(heard.octets).toBe(head.length + payload)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
    expect(recorder.stats()).toMatchObject({ captured: 3 - 1, cut: head.length + payload - mebibyte })
    expect((heard.peak - before) / mebibyte).toBeLessThan(48)
  })
})
