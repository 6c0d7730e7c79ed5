import { describe, expect, it } from 'vitest'
import { createConnectionPair } from '../../../../app/mqtt/connection-pair.ts'
import type { NetworkConnection } from '../../../../app/mqtt/network-connection.ts'
import type { Batch, Store } from '../../../../main/broker/stores/store.ts'
import { Lifeline } from '../../../../main/workbench/lifeline.ts'

/** Writes down what an end hears. */
function hearing(end: NetworkConnection): string[] {
  const heard: string[] = []
  end.listen({
    octets: (octets) => heard.push(`octets ${[...octets]}`),
    ended: () => heard.push('ended'),
    drained: () => heard.push('drained'),
    closed: (cause, reason) => heard.push(`closed by ${cause}: ${reason}`),
  })
  end.resume()
  return heard
}

/** A client and a broker, with a lifeline at the broker's end. */
function connect(lifeline: Lifeline) {
  const [client, end] = createConnectionPair()
  const broker = lifeline.end(end)
  return { client, broker, atClient: hearing(client), atBroker: hearing(broker) }
}

class NotedStore implements Store {
  readonly name = 'a store'
  readonly written: Batch[] = []
  closed = 0

  async load(take: (bucket: string, key: string, value: Uint8Array) => void): Promise<void> {
    take('bucket', 'key', Uint8Array.of(1))
  }

  async write(batch: Batch): Promise<void> {
    this.written.push(batch)
  }

  async close(): Promise<void> {
    this.closed++
  }
}

describe('a lifeline', () => {
  it('lets everything through until it is cut', () => {
    const { atBroker, atClient, broker, client } = connect(new Lifeline())
    client.write(Uint8Array.of(1))
    broker.write(Uint8Array.of(2))
    broker.end()
    client.end()
    expect(atBroker).toEqual(['octets 1', 'ended', 'closed by fin: undefined'])
    expect(atClient).toEqual(['octets 2', 'ended', 'closed by fin: undefined'])
    expect(broker.remote).toBe('this process')
  })

  it('resets all connections when it is cut, and nobody hears what the broker makes of that', () => {
    const lifeline = new Lifeline()
    const [left, right] = [connect(lifeline), connect(lifeline)]
    // As a will is published when a connection is lost.
    left.broker.listen({
      octets: () => {},
      ended: () => {},
      drained: () => {},
      closed: () => right.broker.write(Uint8Array.of(9)),
    })
    lifeline.cut('killed')
    lifeline.cut('again')
    expect(left.atClient).toEqual(['closed by rst: killed'])
    expect(right.atClient).toEqual(['closed by rst: killed'])
    expect(right.atBroker).toEqual(['closed by local: killed'])
    expect(lifeline.isCut).toBe(true)
  })

  it('is deaf and dumb on connections that come after that', () => {
    const lifeline = new Lifeline()
    lifeline.cut('killed')
    const { atBroker, atClient, broker, client } = connect(lifeline)
    client.write(Uint8Array.of(1))
    expect(broker.write(Uint8Array.of(2))).toBe(true)
    broker.end()
    expect([atBroker, atClient]).toEqual([[], []])
  })

  it('writes nothing more when it is cut, and the store can be closed', async () => {
    const lifeline = new Lifeline()
    const store = new NotedStore()
    const mortal = lifeline.store(store)
    const keys: string[] = []
    await mortal.load((bucket, key) => keys.push(`${bucket}/${key}`))
    const batch: Batch = new Map([['bucket', { isDropped: true, changes: new Map() }]])
    await mortal.write(batch)
    lifeline.cut('killed')
    await mortal.write(batch)
    await mortal.close()
    expect(keys).toEqual(['bucket/key'])
    expect(mortal.name).toBe('a store')
    expect([store.written, store.closed]).toEqual([[batch], 1])
  })
})
