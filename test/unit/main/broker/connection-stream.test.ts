import { describe, expect, it } from 'vitest'
import { createConnectionPair } from '../../../../app/mqtt/connection-pair.ts'
import type { Origin } from '../../../../app/mqtt/network-connection.ts'
import { ConnectionStream } from '../../../../main/broker/connection-stream.ts'
import { ConnectionLog } from '../../../helpers/connection-log.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

function openStream() {
  const clock = new FakeClock()
  const [client, end] = createConnectionPair()
  const log = new ConnectionLog(client)
  client.resume()
  const origins = new WeakMap<Uint8Array, Origin>()
  const why = { reason: undefined as string | undefined }
  let gone = 0
  const stream = new ConnectionStream({
    connection: end,
    clock,
    originOf: (payload) => origins.get(payload),
    explain: () => () => why.reason,
    onGone: () => {
      gone += 1
    },
  })
  return { clock, client, log, stream, origins, why, gone: () => gone }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('ConnectionStream', () => {
  it('ends a write with each payload it knows, and joins the rest', async () => {
    const { log, stream, origins } = openStream()
    const origin: Origin = { message: 1, kind: 'publish', clientId: 'a' }
    const payload = Buffer.from([7])
    const empty = Buffer.alloc(0)
    origins.set(payload, origin)
    origins.set(empty, { ...origin, message: 2 })
    stream.cork()
    for (const piece of [[1], [2]]) stream.write(Buffer.from(piece))
    stream.write(payload)
    stream.write(Buffer.from([3]))
    stream.write(empty)
    stream.write(Buffer.from([7]))
    stream.uncork()
    await turn()
    expect(log.chunks.map((octets) => [...octets])).toEqual([[1, 2, 7], [3], [7]])
    expect(log.origins.map((known) => known?.message)).toEqual([1, 2, undefined])
  })

  it('waits for a slow client, and for one that is reset no longer', async () => {
    const { client, stream } = openStream()
    client.pause()
    let written = 0
    for (let n = 0; n < 3; n++) {
      stream.write(Buffer.alloc(40_000), () => {
        written += 1
      })
    }
    await turn()
    expect(written).toBe(1)
    client.reset()
    await turn()
    await turn()
    expect(written).toBe(3)
  })

  it('does not take in more than somebody reads', async () => {
    const { client, stream } = openStream()
    let taken = 0
    while (taken < 1e6 && client.write(new Uint8Array(1024))) taken += 1024
    expect(taken).toBeLessThan(200 * 1024)
    let read = 0
    stream.on('data', (octets: Buffer) => {
      read += octets.length
    })
    await turn()
    await turn()
    expect(read).toBe(taken + 1024)
  })

  it('lets what arrived before RST still be read, but does not wait for ever', async () => {
    const { clock, client, stream, gone } = openStream()
    client.write(Uint8Array.of(1, 2))
    client.reset()
    expect([stream.lost, gone()]).toEqual([true, 1])
    await turn()
    expect([...(stream.read() as Buffer)]).toEqual([1, 2])
    expect(stream.destroyed).toBe(false)
    clock.advance(500)
    expect(stream.destroyed).toBe(true)
    expect(clock.waiting).toBe(0)
  })

  it('sends FIN with the reason when it is destroyed, and RST to a client that does not answer', async () => {
    const { clock, log, stream, why, gone } = openStream()
    stream.destroy()
    why.reason = 'protocol error'
    await turn()
    expect(log.calls).toEqual(['ended'])
    expect(log.reasons).toEqual(['protocol error'])
    clock.advance(499)
    expect(gone()).toBe(0)
    clock.advance(1)
    expect(log.calls).toEqual(['ended', 'closed rst'])
    expect(gone()).toBe(1)
  })

  it('needs no RST for a client that answers', async () => {
    const { clock, client, log, stream, gone } = openStream()
    stream.destroy()
    await turn()
    client.write(Uint8Array.of(9))
    client.end()
    expect(log.calls).toEqual(['ended', 'closed fin'])
    expect([gone(), clock.waiting]).toEqual([1, 0])
  })
})
