import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../app/base/clock.ts'
import { CaptureBatch } from '../../../app/capture/batch.ts'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import type { NetworkConnection } from '../../../app/mqtt/network-connection.ts'
import { openRecording } from '../../../main/recorder/open-recording.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import { setBenchStage, settingsFor } from '../../helpers/bench-stage.ts'
import { broker, group, isHeld, order, publish, pumpFiles, refusedBy, subscribe } from '../../helpers/bench-words.ts'
import { leftovers } from '../../helpers/leftovers.ts'
import { until } from '../../helpers/until.ts'

const open = setBenchStage()

describe('a recording of a bench', () => {
  it('has all that was on the wire, with fates and faults', async () => {
    const { bench, workspace } = await open({ files: pumpFiles, plan: { groups: [group()] } })
    bench.wire.addRule({
      ...ruleDefaults('drop'),
      clients: 'observer',
      filter: 'type:publish',
      from: 'client',
      times: 1,
    })
    await publish(bench, 'observer', 'lost', 'x')
    await until('it is lost', () => bench.wire.state().rules[0]?.done === true)
    await order(bench, 'kill')
    const path = join(workspace, 'recordings', 'run.faultline')
    await bench.record(path)
    await bench.record(path)
    const recording = await openRecording(path)
    try {
      expect(recording.problem).toBe(undefined)
      expect(recording.next - recording.first).toBeGreaterThanOrEqual(10)
      const batch = new CaptureBatch(recording.read(recording.first, 1000))
      const events = Array.from({ length: batch.count }, (_, i) => batch.at(i)).flatMap((record) =>
        record?.kind === 'event' ? [record.event] : [],
      )
      expect(events).toContainEqual(expect.objectContaining({ type: 'packet dropped' }))
      expect(events).toContainEqual({ type: 'fault', what: 'broker killed', by: 'the scenario' })
      expect(recording.connections.map(({ clientId }) => clientId).sort()).toEqual(['observer', 'pump'])
    } finally {
      recording.dispose()
    }
    await writeFile(join(workspace, 'file'), '')
    await expect(bench.record(join(workspace, 'file', 'x.faultline'))).rejects.toMatchObject({
      code: 'file-unwritable',
    })
  })
})

describe('a bench that is closed', () => {
  it('leaves nothing behind, whatever is going on', async () => {
    const before = await leftovers()
    const { bench, lines } = await open({
      files: pumpFiles,
      plan: { groups: [group({ count: 3 })], broker: broker({ store: 'level' }) },
    })
    await bench.clients.open('pub', settingsFor('pub', { cleanStart: false }))
    await subscribe(bench, 'observer', '#')
    bench.wire.addRule({ ...ruleDefaults('halfOpen'), clients: 'pump-01' })
    bench.wire.addRule({ ...ruleDefaults('latency'), clients: 'pump-02', settings: { ms: 60_000 } })
    bench.wire.addBreakpoint('type:pubrec client:pub')
    await bench.devices.act('pump-03', 'hang', {})
    const sent = expect(publish(bench, 'pub', 'x', 'x', 2)).rejects.toMatchObject({ code: 'connection-closed' })
    await until('the PUBREC is held', isHeld(bench, 1))
    await Promise.all([bench.close(), bench.close()])
    await sent
    // On a busy machine a part may take longer than it should.
    expect(lines.filter((line) => !line.includes('it takes longer'))).toEqual([])
    expect(await refusedBy(bench)).toBe('ECONNREFUSED')
    await expect.poll(leftovers).toBe(before)
    await expect(bench.clients.open('late', settingsFor('late'))).rejects.toMatchObject({ code: 'connection-closed' })
    await expect(order(bench, 'start')).rejects.toMatchObject({ code: 'wrong-state' })
  })

  it('leaves nothing behind while its broker is down, or where it could not be opened', async () => {
    const before = await leftovers()
    const { bench } = await open({ files: pumpFiles, plan: { groups: [group()], broker: broker({ store: 'level' }) } })
    await order(bench, 'kill')
    await bench.close()
    await expect(open({ files: pumpFiles, plan: { groups: [group({ script: 'none' })] } })).rejects.toThrow()
    await expect.poll(leftovers).toBe(before)
  })
})

describe('a bench that is not wanted any more while it is opened', () => {
  it.each(['mqtt', 'mqtts', 'ws'])('waits for no target that does not answer, over %s', async (scheme) => {
    const before = await leftovers()
    const calls: Socket[] = []
    const silent = createServer((socket) => calls.push(socket.on('error', () => {}).resume()))
    const { port } = await listening(silent)
    const stop = new AbortController()
    const opening = open({
      files: pumpFiles,
      plan: { groups: [group({ count: 2 })], target: `${scheme}://127.0.0.1:${port}` },
      signal: stop.signal,
    })
    const rejected = expect(opening).rejects.toBe('it was stopped')
    await until('one of them has called', () => calls.length > 0)
    const start = performance.now()
    stop.abort('it was stopped')
    await rejected
    // Its patience with a target is half a minute.
    expect(performance.now() - start).toBeLessThan(25_000)
    await until('all have hung up', () => calls.every(({ closed }) => closed))
    silent.close()
    await expect.poll(leftovers).toBe(before)
  })

  it('waits for no device that does not come, and for no script that does not come back', async () => {
    const before = await leftovers()
    const endless = pumpFiles['devices/pump.device.ts']?.replace(
      'export default',
      'for (;;) {} // fleet\nexport default',
    )
    const onDisk = broker({ store: 'level' })
    const vain = [
      { calls: 3, hangsUp: true, plan: { groups: [group()], broker: onDisk }, files: pumpFiles },
      {
        calls: 1,
        hangsUp: false,
        plan: { groups: [group({ on: false })] },
        files: { 'devices/pump.device.ts': String(endless) },
      },
    ]
    for (const { calls, hangsUp, ...options } of vain) {
      const stop = new AbortController()
      let called = 0
      const between = (end: NetworkConnection) => {
        called++
        // The first one is the observer.
        if (hangsUp && called > 1) end.end()
        return end
      }
      const rejected = expect(open({ ...options, between, signal: stop.signal })).rejects.toBe('it was stopped')
      await until('somebody has called, and once more', () => called >= calls)
      stop.abort('it was stopped')
      await rejected
    }
    await expect.poll(leftovers).toBe(before)
  })
})

describe('a bench whose devices do not come online', () => {
  it('is waited for no longer than the scenario has time, and says what for', async () => {
    const before = await leftovers()
    const silent = createServer((socket) => socket.on('error', () => {}).resume())
    const { port } = await listening(silent)
    // Half a second is five.
    const clock: Clock = {
      ...systemClock,
      after: (ms, callback) => systemClock.after(ms >= 5000 ? ms / 10 : ms, callback),
    }
    const files = pumpFiles
    const target = `mqtt://127.0.0.1:${port}`
    await expect(open({ clock, files, plan: { timeoutMs: 100, groups: [group()], target } })).rejects.toMatchObject({
      code: 'script-timeout',
      message: expect.stringMatching(/^the observer did not come online within 5 s: .*; a longer 'timeout' gives it/),
    })
    let called = 0
    const between = (end: NetworkConnection) => {
      called++
      // The first one is the observer.
      if (called > 1) end.end()
      return end
    }
    const plan = { timeoutMs: 20_000, groups: [group()] }
    await expect(open({ between, clock, files, plan })).rejects.toMatchObject({
      code: 'script-timeout',
      message: expect.stringMatching(/^pump did not come online within 20 s: it is /),
    })
    silent.close()
    await expect.poll(leftovers).toBe(before)
  })
})

async function listening(server: Server): Promise<AddressInfo> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address() as AddressInfo
}
