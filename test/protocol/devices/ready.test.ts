import { describe, expect, it } from 'vitest'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setScriptedStage()

async function benchOf(text: string) {
  const bench = new DeviceBench(stage.assets, stage.broker.port, { workers: 1, reportHandled: true })
  const ready: string[] = []
  bench.devices.onReady((id) => ready.push(id))
  bench.run({ pump: script(text) })
  const connection = await stage.broker.connection(1)
  return { bench, connection, ready }
}

describe('a device that is ready', () => {
  it('has done what its connected began, not before', async () => {
    const { bench, connection, ready } = await benchOf(
      "return { async connected({ client }) { log('up'); await client.publish('a', 'b', { qos: 2 }); log('done') } }",
    )
    await bench.says('pump', 'up')
    await stage.broker.receives(connection, 'publish')
    expect(ready).toEqual([])
    connection.send({ cmd: 'pubrec', messageId: 1 })
    await stage.broker.receives(connection, 'pubrel')
    expect(ready).toEqual([])
    connection.send({ cmd: 'pubcomp', messageId: 1 })
    await bench.says('pump', 'done')
    await until('it is ready', () => ready.length === 1)
    expect(ready).toEqual(['pump'])
    await bench.devices.close()
  })

  it('is one whose script has no connected as well', async () => {
    const { bench, ready } = await benchOf('return {}')
    await until('it is ready', () => ready.length === 1)
    await bench.devices.close()
  })

  it('is none whose connected throws: that is its error as ever', async () => {
    const { bench, ready } = await benchOf("return { async connected() { throw new Error('no valve') } }")
    await until('it has failed', () => bench.devices.list().some(({ state }) => state === 'script error'))
    expect(bench.devices.list()[0]?.error?.message).toContain('no valve')
    await bench.devices.close()
    expect(ready).toEqual([])
  })
})
