import { beforeEach, describe, expect, it } from 'vitest'
import { watchSilence } from '../../../../../main/broker/engine/keep-alive.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

let clock: FakeClock
let lastPacket: number
let ranOut: number

/** A packet of the client is read. */
function read(): void {
  lastPacket = clock.monotonic() / 1e6
}

beforeEach(() => {
  clock = new FakeClock()
  lastPacket = 0
  ranOut = 0
})

function watch() {
  return watchSilence(
    clock,
    2,
    () => lastPacket,
    () => ranOut++,
  )
}

describe('Keep Alive [MQTT-3.1.2-24, MQTT 5 MQTT-3.1.2-22]', () => {
  it('runs out after one and a half times its length without a packet, to the millisecond, and once', () => {
    watch()
    clock.advance(2000)
    read()
    clock.advance(2999)
    expect(ranOut).toBe(0)
    clock.advance(1)
    expect(ranOut).toBe(1)
    clock.advance(10_000)
    expect(ranOut).toBe(1)
  })

  it('does not run out on a client whose packets came while the broker was too busy to read them', () => {
    watch()
    clock.stall(60_000)
    // Timers that are due run first, then what has come is read.
    clock.advance(0)
    expect(ranOut).toBe(0)
    read()
    clock.advance(2999)
    expect(ranOut).toBe(0)
    clock.advance(1)
    expect(ranOut).toBe(1)
  })

  it('gives a client that was silent no more than a moment after such a time', () => {
    watch()
    clock.stall(60_000)
    clock.advance(0)
    clock.advance(250)
    expect(ranOut).toBe(1)
  })

  it('is over when its client has left, also while it looks once more', () => {
    const watching = watch()
    clock.stall(60_000)
    clock.advance(0)
    watching.dispose()
    clock.advance(60_000)
    expect(ranOut).toBe(0)
  })
})
