import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createEngine, type Engine } from '../../../../../main/broker/engine/engine.ts'
import { EngineClient } from '../../../../helpers/engine-client.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { connect, disconnect, pingreq, publish, subscribe, unsubscribe } from '../../../../helpers/mqtt-octets.ts'

/** Whoever asks for the time finds that some has passed: everything takes its time. */
class BusyClock extends FakeClock {
  /** In milliseconds. */
  cost = 0

  override monotonic(): number {
    this.stall(this.cost)
    return super.monotonic()
  }
}

let clock: BusyClock
let engine: Engine

beforeEach(async () => {
  clock = new BusyClock()
  engine = await createEngine({ clock, limits: { maxQueued: 5 } })
  onTestFinished(async () => {
    clock.cost = 0
    const closed = engine.close()
    await Promise.resolve()
    clock.advance(1000)
    await closed
  })
})

function client(id: string): EngineClient {
  return EngineClient.connect(engine, { id })
}

function say(topic: string, payload: string, qos: 0 | 1 = 0): void {
  engine.publish({ topic, payload: Buffer.from(payload), qos, retain: false })
}

/** All that is to happen later happens, as many turns as it takes. */
function rest(): void {
  clock.cost = 0
  for (let turn = 0; turn < 100; turn++) clock.advance(0)
}

/** There is no time left in this turn. */
function useUpTurn(): void {
  expect(engine.turn.isOver).toBe(false)
  clock.stall(20)
  engine.turn.hurry()
  expect(engine.turn.isOver).toBe(true)
}

function told(of: EngineClient): string[] {
  return of.take().map(({ kind, text }) => (kind === 'PUBLISH' ? text : kind))
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `${at}`)

describe('Very many retained messages for a new Subscription', () => {
  const count = 1000
  let reader: EngineClient

  beforeEach(() => {
    for (const number of numbers(count)) {
      engine.publish({ topic: `r/${number.padStart(4, '0')}`, payload: Buffer.from(number), qos: 0, retain: true })
    }
    reader = client('reader')
    clock.advance(0)
    reader.take()
    clock.cost = 4
  })

  it('come after SUBACK a turn at a time, each once', () => {
    reader.send(subscribe(4, 1, [['r/#', 0]]))
    const first = told(reader)
    expect(first[0]).toBe('SUBACK')
    expect(first.length).toBeLessThan(count)
    clock.advance(0)
    const second = told(reader)
    expect(second.length).toBeGreaterThan(0)
    expect(first.length + second.length).toBeLessThan(count)
    rest()
    const all = [...first.slice(1), ...second, ...told(reader)]
    expect(all.sort((a, b) => Number(a) - Number(b))).toEqual(numbers(count))
  })

  it('come before what is published while they wait, which comes once', () => {
    reader.send(subscribe(4, 1, [['r/#', 0]]))
    const first = told(reader)
    expect(first.length).toBeLessThan(count)
    engine.publish({ topic: 'r/new', payload: Buffer.from('new'), qos: 0, retain: true })
    rest()
    const all = [...first, ...told(reader)]
    expect(all.length).toBe(count + 2)
    expect(all.at(-1)).toBe('new')
  })

  it('are not overtaken by the answer to what the client asks meanwhile', () => {
    reader.send(subscribe(4, 1, [['r/#', 0]]))
    const first = told(reader)
    reader.send(unsubscribe(4, 2, ['r/#']))
    rest()
    const all = [...first, ...told(reader)]
    expect(all.length).toBe(count + 2)
    expect(all.at(-1)).toBe('UNSUBACK')
  })
})

describe('When a turn is over', () => {
  it('what is published waits for the next one, and is not lost for want of room there', () => {
    const reader = client('reader')
    reader.send(subscribe(4, 1, [['a', 1]]))
    clock.advance(0)
    reader.take()
    useUpTurn()
    for (const number of numbers(4)) say('a', number)
    expect(told(reader)).toEqual([])
    for (const number of numbers(20)) say('a', `${Number(number) + 4}`)
    rest()
    expect(told(reader)).toEqual(numbers(24))
    expect(engine.counters.queueFull).toBe(0)
  })

  it('no answer overtakes what waits for the client', () => {
    const reader = client('reader')
    reader.send(subscribe(4, 1, [['a', 1]]))
    clock.advance(0)
    reader.take()
    useUpTurn()
    reader.send(pingreq)
    say('a', 'before')
    expect(told(reader)).toEqual([])
    rest()
    expect(told(reader)).toEqual(['before', 'PINGRESP'])
  })

  it('what came before FIN is served before the connection ends, and the will comes after it', () => {
    const reader = client('reader')
    reader.send(subscribe(4, 1, [['#', 0]]))
    const writer = new EngineClient(engine)
    writer.send(connect({ id: 'writer', will: { topic: 'will', payload: 'dead' } }))
    clock.advance(0)
    reader.take()
    useUpTurn()
    writer.send(...numbers(40).map((number) => publish(4, 'a', number)))
    writer.finish()
    expect(writer.isClosed).toBe(false)
    expect(told(reader)).toEqual([])
    rest()
    expect(told(reader)).toEqual([...numbers(40), 'dead'])
    expect([writer.isClosed, engine.connected]).toEqual([true, 1])
  })

  it('what came before RST is served all the same', () => {
    const reader = client('reader')
    reader.send(subscribe(4, 1, [['#', 0]]))
    const writer = client('writer')
    clock.advance(0)
    reader.take()
    useUpTurn()
    writer.send(...numbers(40).map((number) => publish(4, 'a', number)))
    writer.cut()
    expect(told(reader)).toEqual([])
    expect(engine.connected).toBe(2)
    rest()
    expect(told(reader)).toEqual(numbers(40))
    expect(engine.connected).toBe(1)
  })

  it('a DISCONNECT that waits with FIN behind it still drops the will', () => {
    const reader = client('reader')
    reader.send(subscribe(4, 1, [['#', 0]]))
    const writer = new EngineClient(engine)
    writer.send(connect({ id: 'writer', will: { topic: 'will', payload: 'dead' } }))
    clock.advance(0)
    reader.take()
    useUpTurn()
    writer.send(publish(4, 'a', 'last'), disconnect())
    writer.finish()
    rest()
    expect(told(reader)).toEqual(['last'])
    expect(engine.connected).toBe(1)
  })
})
