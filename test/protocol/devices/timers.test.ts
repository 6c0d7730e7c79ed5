import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage({ workers: 1 })

/** How often a line was said. */
function times(id: string, line: string): number {
  return stage.bench.console(id).filter((text) => text === line).length
}

describe('a timer', () => {
  it('that connected has started stops with the connection, also one started after an await', async () => {
    const { bench, broker } = stage
    bench.run({
      t1: script(`
        let connection = 0
        return {
          client: { reconnect: { after: '10ms' } },
          async connected({ client }) {
            const mine = (connection += 1)
            every('5ms', () => log('before', mine))
            await client.subscribe('t1/in')
            every('5ms', () => log('after', mine))
            after('5ms', () => every('5ms', () => log('nested', mine)))
            await 0
            every('5ms', () => log('later', mine))
          },
        }`),
    })
    const kinds = ['before', 'after', 'nested', 'later']
    await until('all four run', () => kinds.every((kind) => times('t1', `${kind} 1`) > 0))
    broker.cut('t1')
    await until('all four run on the next connection', () => kinds.every((kind) => times('t1', `${kind} 2`) > 3))
    const first = kinds.map((kind) => times('t1', `${kind} 1`))
    const second = times('t1', 'before 2')
    await until('some more time has passed', () => times('t1', 'before 2') > second + 5)
    expect(kinds.map((kind) => times('t1', `${kind} 1`))).toEqual(first)
  })

  it('is not started by a connected whose connection has ended while it waited', async () => {
    const { bench, broker } = stage
    bench.run({
      t2: script(`
        let connection = 0
        return {
          client: { reconnect: { after: '10ms' } },
          async connected({ client }) {
            log('connected', (connection += 1))
            if (connection > 1) return
            log('cut me')
            await client.publish('t2/never/acknowledged', '', { qos: 1 }).catch((error) => log(error.name))
            every('1ms', () => log('too late'))
            log('went on')
          },
        }`),
    })
    broker.holdAcknowledgements = true
    await bench.says('t2', 'cut me')
    broker.cut('t2')
    await bench.says('t2', 'went on')
    broker.holdAcknowledgements = false
    await bench.says('t2', 'connected 2')
    await bench.devices.act('t2', 'disconnect')
    expect(bench.console('t2')).toContain('ConnectionLostError')
    expect(bench.console('t2')).not.toContain('too late')
  })

  it('that is started anywhere else runs until the power is lost', async () => {
    const { bench, broker } = stage
    bench.run({
      t3: script(`
        every('5ms', () => log('factory'))
        return {
          client: { reconnect: { after: '10ms' } },
          powerOn() { every('5ms', () => log('power on')) },
          async connected({ client }) { await client.subscribe('t3/in'); log('ready') },
          message() { every('5ms', () => log('message')) },
          disconnected() { every('5ms', () => log('disconnected')) },
        }`),
    })
    await bench.says('t3', 'ready')
    broker.publish('t3/in', '')
    await bench.says('t3', 'message')
    broker.cut('t3')
    await bench.says('t3', 'disconnected')
    await until('it is back', () => times('t3', 'ready') === 2)
    const kinds = ['factory', 'power on', 'message', 'disconnected']
    const before = kinds.map((kind) => times('t3', kind))
    await until('all of them run on', () => kinds.every((kind, i) => times('t3', kind) > (before[i] ?? 0) + 2))
    await bench.devices.act('t3', 'powerLoss')
    const cut = Date.now()
    await bench.devices.act('t3', 'powerOn')
    await until('it runs again', () => times('t3', 'ready') === 3)
    await until('its timers run again', () =>
      bench.devices.console('t3').lines.some(({ text, time }) => text === 'factory' && time > cut),
    )
    const late = bench.devices
      .console('t3')
      .lines.filter(({ text, time }) => time > cut && ['message', 'disconnected'].includes(text))
    expect(late).toEqual([])
  })

  it('stops when it is told to, even from within', async () => {
    const { bench } = stage
    bench.run({
      t5: script(`
        let count = 0
        const never = after('4ms', () => log('never'))
        never.stop()
        const timer = every('2ms', () => {
          log('tick', ++count)
          if (count < 3) return
          timer.stop()
          after('60ms', () => log('end'))
        })
        return {}`),
    })
    await bench.says('t5', 'end')
    expect(bench.console('t5')).toEqual(['tick 1', 'tick 2', 'tick 3', 'end'])
  })
})
