import { describe, expect, it } from 'vitest'
import type { HandledMessage } from '../../../main/devices/handled-message.ts'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setScriptedStage()

async function benchOf(reportHandled: boolean, text: string) {
  const bench = new DeviceBench(stage.assets, stage.broker.port, { workers: 1, reportHandled })
  const handled: (HandledMessage & { readonly device: string })[] = []
  bench.devices.onHandled((message) => handled.push(message))
  bench.run({ pump: script(text) })
  const connection = await stage.broker.connection(1)
  return { bench, connection, handled }
}

const logs = "return { message({ text }) { log('got', text.length) } }"

describe('what a device has handled', () => {
  it('is told for each call of message, with the message as the script has it', async () => {
    const { bench, connection, handled } = await benchOf(true, logs)
    connection.send({ cmd: 'publish', topic: 'a/b', payload: 'on', qos: 1, messageId: 7, dup: true, retain: true })
    connection.send({ cmd: 'publish', topic: 'long', payload: 'x'.repeat(70_000), qos: 0, dup: false, retain: false })
    await bench.says('pump', 'got 70000')
    await until('both are told', () => handled.length === 2)
    expect(handled[0]).toMatchObject({ device: 'pump', topic: 'a/b', qos: 1, dup: true, retain: true })
    expect(Buffer.from(handled[0]?.payload ?? []).toString()).toBe('on')
    expect(handled[1]?.payload).toHaveLength(70_000)
    await bench.devices.close()
  })

  it('is one call of QoS 2, however often it was sent', async () => {
    const { bench, connection, handled } = await benchOf(true, logs)
    const publish = { cmd: 'publish', topic: 'set', payload: 'once', qos: 2, messageId: 9, retain: false } as const
    connection.send({ ...publish, dup: false })
    await stage.broker.receives(connection, 'pubrec')
    connection.send({ ...publish, dup: true })
    connection.send({ cmd: 'pubrel', messageId: 9 })
    await stage.broker.receives(connection, 'pubcomp')
    connection.send({ cmd: 'publish', topic: 'set', payload: 'last', qos: 0, dup: false, retain: false })
    await until('the last is told', () => handled.some(({ payload }) => Buffer.from(payload).toString() === 'last'))
    expect(handled.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['once', 'last'])
    await bench.devices.close()
  })

  it('is nothing where the script has no message', async () => {
    const { bench, connection, handled } = await benchOf(true, 'return { connected() { log("up") } }')
    await bench.says('pump', 'up')
    connection.send({ cmd: 'publish', topic: 'a', payload: 'x', qos: 1, messageId: 1, dup: false, retain: false })
    await stage.broker.receives(connection, 'puback')
    await bench.devices.close()
    expect(handled).toEqual([])
  })

  it('is not told where nobody wants to know', async () => {
    const { bench, connection, handled } = await benchOf(false, logs)
    connection.send({ cmd: 'publish', topic: 'a', payload: 'x', qos: 0, dup: false, retain: false })
    await bench.says('pump', 'got 1')
    await bench.devices.close()
    expect(handled).toEqual([])
  })
})
