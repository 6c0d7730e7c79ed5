import { describe, expect, it } from 'vitest'
import { OpenWaits } from '../../../../main/scenarios/wait-for.ts'
import { WireDesk } from '../../../../main/scenarios/wire-desk.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { publishPacket, TestWire } from '../../../helpers/test-wire.ts'

describe('the holds of a scenario', () => {
  const open = (clients = 2) => {
    const bench = new TestWire()
    const pumps = Array.from({ length: clients }, (_, i) => bench.connect(`pump-0${i + 1}`))
    const capture = { clientId: () => undefined } as unknown as ConstructorParameters<typeof WireDesk>[0]['capture']
    const desk = new WireDesk({ wire: bench.wire, capture }, new OpenWaits(new FakeClock()))
    const hold = (filter: string) => desk.carryOut({ order: 'hold', filter })?.hold ?? 0
    const release = (number: number) => desk.carryOut({ order: 'release hold', hold: number })
    const publish = (at: number, topic: string) => pumps[at]?.client.write(publishPacket(topic, '1'))
    return { hold, publish, release, held: () => bench.wire.state().heldCount }
  }

  it('go on with what they held, and not with what another one of the same filter holds', () => {
    const { held, hold, publish, release } = open()
    const filter = 'type:publish'
    const [first, second] = [hold(filter), hold(filter)]
    publish(0, 'a')
    release(second)
    expect(held()).toBe(1)
    const third = hold(filter)
    release(first)
    expect(held()).toBe(0)
    publish(0, 'b')
    publish(1, 'c')
    expect(held()).toBe(2)
    release(third)
    expect(held()).toBe(0)
  })

  it('leave to another one what comes behind', () => {
    const { held, hold, publish, release } = open()
    const [first, second] = [hold('type:publish'), hold('type:publish')]
    publish(0, 'a')
    publish(0, 'b')
    release(first)
    expect(held()).toBe(1)
    release(second)
    expect(held()).toBe(0)
  })

  it('go on with all that they held, also behind more of others than a screen is shown', () => {
    const { held, hold, publish, release } = open(215)
    const [first, second] = [hold('topic:a'), hold('topic:b')]
    for (let i = 0; i < 210; i++) publish(i, 'a')
    for (let i = 210; i < 215; i++) publish(i, 'b')
    expect(held()).toBe(215)
    release(second)
    expect(held()).toBe(210)
    release(first)
    expect(held()).toBe(0)
  })

  it('are a thousand at most', () => {
    const { hold, release } = open()
    const holds = Array.from({ length: 1000 }, () => hold('type:pubrel'))
    expect(() => hold('type:pubrel')).toThrow('there are 1000 holds already')
    release(holds[0] ?? 0)
    expect(hold('type:pubrel')).toBe(1001)
  })
})
