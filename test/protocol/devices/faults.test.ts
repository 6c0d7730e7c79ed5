import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setDeviceStage, setScriptedStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage()
const scripted = setScriptedStage()

/** Ticks, leaves a will, and says when it is disconnected. */
const ticking = script(`
  let ticks = 0
  every('20ms', () => log('tick', ++ticks))
  return {
    client: { keepAlive: '1s', will: { topic: \`\${id}/will\`, payload: 'offline', qos: 1 } },
    connected() { log('connected') },
    message({ text }) { log('heard', text) },
    disconnected({ reason, willReconnect }) { log('disconnected', reason, willReconnect) },
  }`)

describe('hang', () => {
  it('makes the program stand still, so that the keep alive ends its connection and the will is published', async () => {
    const { bench, broker } = stage
    bench.run({ h1: ticking })
    await bench.says('h1', 'tick 3')
    await bench.reaches('h1', 'online')
    await bench.devices.act('h1', 'hang')
    const said = bench.console('h1').length
    expect(bench.snapshot('h1')).toMatchObject({ state: 'online', faults: ['hangs'] })
    expect(bench.faults).toContain('h1: hang begins: the program stands still')
    await until('the will is published', () => broker.texts('h1/will').length === 1)
    expect(bench.console('h1')).toHaveLength(said)
    expect(bench.snapshot('h1').state).toBe('online')
    await bench.devices.act('h1', 'heal')
    await until('it is back', () => broker.connects.filter((id) => id === 'h1').length === 2)
    await bench.says('h1', /^disconnected connection lost/)
    await bench.reaches('h1', 'online')
    expect(bench.snapshot('h1').faults).toEqual([])
  })

  it('reads nothing, pings nothing and acknowledges nothing until it is healed', async () => {
    const { bench, broker } = scripted
    broker.answer = (packet, connection) => {
      if (packet.cmd === 'pingreq') connection.send({ cmd: 'pingresp' })
    }
    bench.run({ h2: ticking, control: ticking })
    await bench.reaches('h2', 'online')
    await bench.reaches('control', 'online')
    const both = [await broker.connection(1), await broker.connection(2)]
    const idOf = (connection: (typeof both)[number]) =>
      connection.packets.flatMap((p) => (p.cmd === 'connect' ? [p.clientId] : []))[0]
    const hung = both.find((connection) => idOf(connection) === 'h2') as (typeof both)[number]
    const control = both.find((connection) => idOf(connection) === 'control') as (typeof both)[number]
    await bench.devices.act('h2', 'hang')
    const before = hung.packets.length
    for (const { send } of [hung, control]) {
      send({ cmd: 'publish', topic: 'a', payload: 'meanwhile', qos: 1, messageId: 7, dup: false, retain: false })
    }
    await broker.receives(control, 'puback')
    await until(
      'the other one has pinged twice',
      () => control.packets.filter(({ cmd }) => cmd === 'pingreq').length >= 2,
    )
    expect(hung.packets).toHaveLength(before)
    expect(hung.closed).toBe(false)
    expect(bench.console('h2')).not.toContain('heard meanwhile')
    await bench.devices.act('h2', 'heal')
    expect(await broker.receives(hung, 'puback')).toMatchObject({ messageId: 7 })
    await bench.says('h2', 'heard meanwhile')
    await broker.receives(hung, 'pingreq')
    expect(bench.snapshot('h2').state).toBe('online')
  })

  it('does not notice that the broker has closed, and answers it only when it is healed', async () => {
    const { bench, broker } = scripted
    bench.run({ h3: ticking })
    await bench.reaches('h3', 'online')
    const connection = await broker.connection(1)
    await bench.devices.act('h3', 'hang')
    connection.socket.end()
    // A second device, so that there was time for the first to notice.
    bench.run({ h3: ticking, h4: ticking })
    await bench.reaches('h4', 'online')
    expect(connection.closed).toBe(false)
    expect(bench.snapshot('h3').state).toBe('online')
    await bench.devices.act('h3', 'heal')
    await until('it has answered', () => connection.closed)
    await bench.says('h3', 'disconnected connection lost: the broker closed it true')
  })

  it('while it backs off keeps it from trying again', async () => {
    const { bench, broker } = scripted
    bench.run({ h5: script(`return { client: { reconnect: { after: '50ms', factor: 1, jitter: 0 } } }`) })
    await bench.reaches('h5', 'online')
    const tries = () => broker.connections.length
    broker.connack = { returnCode: 3 }
    for (const { socket } of broker.connections) socket.destroy()
    await bench.reaches('h5', 'backing off')
    await bench.devices.act('h5', 'hang')
    broker.connack = { returnCode: 0 }
    const before = tries()
    bench.run({ h5: script(`return { client: { reconnect: { after: '50ms', factor: 1, jitter: 0 } } }`), h6: ticking })
    await bench.says('h6', 'tick 10')
    expect(tries()).toBe(before + 1)
    await bench.devices.act('h5', 'heal')
    await bench.reaches('h5', 'online')
  })

  it('ends with the power, and refuses what only a program can do', async () => {
    const { bench } = stage
    bench.run({ h7: ticking })
    await bench.reaches('h7', 'online')
    await bench.devices.act('h7', 'hang')
    for (const action of ['disconnect', 'hang', 'wrongPassword'] as const) {
      await expect(bench.devices.act('h7', action)).rejects.toMatchObject({
        code: 'wrong-state',
        hint: /heal it first/,
      })
    }
    await bench.devices.act('h7', 'powerLoss')
    expect(bench.snapshot('h7')).toMatchObject({ state: 'power lost', faults: [] })
    await bench.devices.act('h7', 'powerOn')
    await bench.reaches('h7', 'online')
  })

  it('makes up once for a timer that was due, and goes on with those that were not', async () => {
    const { bench } = stage
    bench.run({
      h8: script(`
        after('30ms', () => log('once'))
        every('40ms', () => log('tick'))
        return { connected() { log('connected') } }`),
      h9: ticking,
    })
    await bench.says('h8', 'connected')
    await bench.devices.act('h8', 'hang')
    const said = bench.console('h8').length
    const ticks = bench.console('h9').length
    await until('another one has ticked on', () => bench.console('h9').length > ticks + 20)
    expect(bench.console('h8')).toHaveLength(said)
    await bench.devices.act('h8', 'heal')
    await bench.says('h8', 'once')
    await until('it ticks', () => bench.console('h8').filter((line) => line === 'tick').length > 3)
    expect(bench.console('h8').filter((line) => line === 'once')).toHaveLength(1)
  })
})

describe('crash', () => {
  it('is a script error that blames no line, and publishes the will', async () => {
    const { bench, broker } = stage
    bench.run({ c1: ticking })
    await bench.says('c1', 'connected')
    await bench.devices.act('c1', 'crash')
    const { error, reason } = await bench.reaches('c1', 'script error')
    expect(reason).toBe('crash was asked for')
    expect(error).toMatchObject({ message: 'crash was asked for', file: 'devices/c1.device.ts', line: undefined })
    expect(bench.console('c1', 'error')).toEqual(['crash was asked for (devices/c1.device.ts)'])
    await until('the will is published', () => broker.texts('c1/will').length === 1)
    await bench.devices.act('c1', 'powerOn')
    await bench.reaches('c1', 'online')
    expect(bench.snapshot('c1').error).toBeUndefined()
  })

  it('ends a program that hangs', async () => {
    const { bench } = stage
    bench.run({ c2: ticking })
    await bench.says('c2', 'connected')
    await bench.devices.act('c2', 'hang')
    await bench.devices.act('c2', 'crash')
    expect(await bench.reaches('c2', 'script error')).toMatchObject({ faults: [] })
    await bench.devices.act('c2', 'powerOn')
    await bench.reaches('c2', 'online')
  })
})

describe('takeOver', () => {
  it('ends the connection of the device, which takes its session back from the second client', async () => {
    const { bench, broker } = stage
    bench.run({ t1: ticking })
    await bench.says('t1', 'connected')
    await bench.devices.act('t1', 'takeOver')
    await bench.says('t1', 'a second client with its Client Identifier is connected')
    await bench.says('t1', /^disconnected connection lost/)
    await bench.says('t1', /^the second client is gone/)
    await bench.reaches('t1', 'online')
    expect(broker.connects.filter((id) => id === 't1')).toHaveLength(3)
    // The one that was there left its will; the second client has none.
    expect(broker.texts('t1/will')).toEqual(['offline'])
  })

  it('leaves the second client there while the device does not come back, until the device goes', async () => {
    const { bench, broker } = stage
    bench.run({ t2: script(`return { client: { reconnect: false } }`) })
    await bench.reaches('t2', 'online')
    await bench.devices.act('t2', 'takeOver')
    await bench.reaches('t2', 'offline')
    expect(broker.disconnects.filter((id) => id === 't2')).toHaveLength(1)
    await bench.devices.act('t2', 'powerLoss')
    await until('both are gone', () => broker.disconnects.filter((id) => id === 't2').length === 2)
  })
})

describe('wrongPassword', () => {
  it('connects anew without DISCONNECT, is refused with its reason, and is right again when healed', async () => {
    const { bench, broker } = scripted
    bench.run({
      w1: script(`
        return {
          client: { username: 'pump', password: 'secret', reconnect: { after: '20ms', factor: 1 } },
          disconnected({ reason, willReconnect }) { log('disconnected', reason, willReconnect) },
        }`),
    })
    await bench.reaches('w1', 'online')
    const first = await broker.connection(1)
    broker.connack = { returnCode: 4 }
    await bench.devices.act('w1', 'wrongPassword')
    await bench.says('w1', 'disconnected connects anew with a wrong password true')
    expect((await bench.reaches('w1', 'backing off')).reason).toBe('refused: bad user name or password')
    expect(bench.snapshot('w1').faults).toEqual(['wrong password'])
    expect(first.packets.map(({ cmd }) => cmd)).toEqual(['connect'])
    expect((await broker.connection(2)).packets[0]).toMatchObject({ username: 'pump', password: Buffer.from('wrong') })
    // A password is configuration: it survives the power.
    await bench.devices.act('w1', 'reboot')
    expect(bench.snapshot('w1').faults).toEqual(['wrong password'])
    await bench.reaches('w1', 'backing off')
    broker.connack = { returnCode: 0 }
    await bench.devices.act('w1', 'heal')
    await bench.reaches('w1', 'online')
    expect(broker.connections.at(-1)?.packets[0]).toMatchObject({ password: Buffer.from('secret') })
    expect(bench.snapshot('w1').faults).toEqual([])
  })

  it('says so where the broker accepts any password', async () => {
    const { bench } = stage
    bench.run({ w2: ticking })
    await bench.says('w2', 'connected')
    await bench.devices.act('w2', 'wrongPassword')
    await bench.says('w2', 'the broker accepts a wrong password from it')
    await bench.reaches('w2', 'online')
  })
})

describe('clockSkew', () => {
  it('moves the time that the script sees, not its timers', async () => {
    const { bench } = stage
    bench.run({
      k1: script(`
        const start = clock.now()
        every('20ms', () => log(Math.round((clock.now() - start) / 60000), Math.round((Date.now() - start) / 60000)))
        return {}`),
    })
    await bench.says('k1', '0 0')
    await bench.devices.act('k1', 'clockSkew', { skewMs: 7_200_000 })
    expect(bench.snapshot('k1').faults).toEqual(['clock 2 h ahead'])
    await bench.says('k1', '120 120')
    await bench.devices.act('k1', 'clockSkew', { skewMs: -90_000 })
    expect(bench.snapshot('k1').faults).toEqual(['clock 1 min 30 s behind'])
    await bench.says('k1', /^-[12] -[12]$/)
    await bench.devices.act('k1', 'heal')
    expect(bench.snapshot('k1').faults).toEqual([])
    const said = bench.console('k1').length
    await until('it has said more', () => bench.console('k1').length > said + 1)
    expect(bench.console('k1').at(-1)).toBe('0 0')
  })

  it('needs to know by how much', async () => {
    const { bench } = stage
    bench.run({ k2: ticking })
    await bench.reaches('k2', 'online')
    await expect(bench.devices.act('k2', 'clockSkew')).rejects.toMatchObject({ code: 'invalid-argument' })
    await bench.devices.act('k2', 'clockSkew', { skewMs: 1000 })
    await bench.devices.act('k2', 'reboot')
    expect(bench.snapshot('k2').faults).toEqual([])
  })
})

describe('reboot', () => {
  it('is a power loss, and power after a while', async () => {
    const { bench, broker } = stage
    bench.run({ r1: ticking })
    await bench.says('r1', 'connected')
    await bench.devices.act('r1', 'reboot', { offMs: 50 })
    await until('it has connected again', () => bench.console('r1').filter((line) => line === 'connected').length === 2)
    expect(broker.texts('r1/will')).toEqual(['offline'])
    expect(bench.devices.history('r1').entries.map(({ state, reason }) => `${state}: ${reason}`)).toEqual([
      'booting: powered on',
      'connecting: ',
      'online: ',
      'power lost: rebooting: off for 50 ms',
      'booting: rebooted',
      'connecting: ',
      'online: ',
    ])
  })

  it('starts a device that is without power', async () => {
    const { bench } = stage
    bench.run({ r2: ticking })
    await bench.says('r2', 'connected')
    await bench.devices.act('r2', 'powerLoss')
    const losses = bench.powerLosses.length
    await bench.devices.act('r2', 'reboot')
    await bench.reaches('r2', 'online')
    expect(bench.powerLosses).toHaveLength(losses)
  })
})
