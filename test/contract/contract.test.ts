import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { FaultlineError } from '../../app/base/errors.ts'
import { Caller } from '../../app/contract/caller.ts'
import { contractVersion, type EventValue, type Params, type Result } from '../../app/contract/contract.ts'
import { type Handlers, Responder } from '../../app/contract/responder.ts'
import { patience } from '../helpers/until.ts'
import { createHandlers } from './handlers.ts'
import { type Carrier, carriers, type Line } from './transports.ts'

type Device = Result<'devices.list'>[number]

const offDevice: Device = {
  id: 'pump-01',
  clientId: 'pump-01',
  script: 'devices/pump.device.ts',
  state: 'off',
  reason: '',
  since: 1_700_000_000_123.25,
  nextAttemptAt: undefined,
  attempts: 0,
  error: undefined,
  fleet: 'pump',
  target: '',
  faults: ['hangs'],
}

const stats: EventValue<'workbench.stats'> = {
  time: 1,
  clients: 2,
  packetsPerSecond: 3.5,
  captured: 2 ** 40,
  ringOctets: 5,
  ringEvicted: 6,
  ringCut: 0,
  memory: 7,
  loopDelay: 0.25,
}

describe.each(Object.keys(carriers))('the contract over %s', (name) => {
  let carrier: Carrier
  const lines: Line[] = []

  beforeAll(async () => {
    carrier = await (carriers[name] as () => Promise<Carrier>)()
  })
  afterAll(() => carrier.dispose())
  afterEach(async () => {
    for (const line of lines.splice(0)) await line.dispose()
  })

  async function openLine(): Promise<Line> {
    const line = await carrier.open()
    lines.push(line)
    return line
  }

  describe('a screen and a workbench', () => {
    let line: Line
    let caller: Caller
    let responder: Responder
    let callerProblems: FaultlineError[]
    let responderProblems: unknown[]

    beforeEach(async () => {
      line = await openLine()
      connect(createHandlers())
    })

    function connect(handlers: Handlers): void {
      caller = new Caller(line.screen)
      responder = new Responder(line.workbench, handlers)
      callerProblems = []
      responderProblems = []
      caller.onProblem((problem) => callerProblems.push(problem))
      responder.onProblem((problem) => responderProblems.push(problem))
    }

    async function reconnect(handlers: Partial<Handlers>): Promise<void> {
      line = await openLine()
      connect(createHandlers(handlers))
    }

    it('answers a call with its result', async () => {
      const hello = await caller.call('workbench.hello', { contractVersion })
      expect(hello.broker).toEqual({ url: 'mqtt://127.0.0.1:1883', engine: 'aedes' })
    })

    it('answers each of many calls with its own result, also when they are answered out of order', async () => {
      const answers = new Map<string, (result: Result<'scripts.read'>) => void>()
      await reconnect({ 'scripts.read': ({ path }) => new Promise((resolve) => answers.set(path, resolve)) })
      const calls = ['a', 'b', 'c'].map((path) => caller.call('scripts.read', { path }))
      await vi.waitFor(() => expect(answers.size).toBe(3), patience)
      for (const path of ['c', 'a', 'b']) answers.get(path)?.({ text: `text of ${path}`, revision: path })
      const texts = (await Promise.all(calls)).map(({ text }) => text)
      expect(texts).toEqual(['text of a', 'text of b', 'text of c'])
    })

    it('hands calls to the workbench in the order in which they were made', async () => {
      const seen: string[] = []
      await reconnect({
        'scripts.read': ({ path }) => {
          seen.push(path)
          return { text: '', revision: '' }
        },
      })
      const paths = Array.from({ length: 200 }, (_, i) => `script ${i}`)
      await Promise.all(paths.map((path) => caller.call('scripts.read', { path })))
      expect(seen).toEqual(paths)
    })

    it('rebuilds an error of the workbench with its code, hint and details', async () => {
      const error = await caller.call('devices.act', { id: 'x', action: 'powerLoss' }).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(FaultlineError)
      expect((error as FaultlineError).toData()).toEqual({
        code: 'not-found',
        message: 'there is no device x',
        hint: 'see the list of devices',
        details: { id: 'x', known: ['pump-01'] },
      })
      expect(responderProblems).toEqual([])
    })

    it('tells an unexpected error to the screen as internal, and to the log with its stack', async () => {
      const fault = new TypeError('nobody expected this')
      await reconnect({
        'devices.list': () => {
          throw fault
        },
      })
      await expect(caller.call('devices.list', {})).rejects.toMatchObject({
        code: 'internal',
        message: 'nobody expected this',
      })
      expect(responderProblems).toEqual([fault])
    })

    it('hands events to those who listen, until they stop', async () => {
      const seen: EventValue<'workbench.stats'>[] = []
      const subscription = caller.on('workbench.stats', (value) => seen.push(value))
      responder.emit('workbench.stats', stats)
      await vi.waitFor(() => expect(seen).toEqual([stats]), patience)
      subscription.dispose()
      responder.emit('workbench.stats', stats)
      await caller.call('devices.list', {})
      expect(seen).toHaveLength(1)
    })

    it('keeps events and results in the order in which they were sent', async () => {
      const seen: number[] = []
      caller.on('workbench.stats', ({ clients }) => seen.push(clients))
      for (let clients = 0; clients < 500; clients++) responder.emit('workbench.stats', { ...stats, clients })
      await caller.call('devices.list', {})
      expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i))
    })

    it('carries octets unchanged, also those that are a part of a larger buffer', async () => {
      const all = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7)
      await reconnect({ 'capture.read': ({ from, limit }) => ({ block: all.subarray(from, from + limit) }) })
      const { block } = await caller.call('capture.read', { capture: 'live', from: 500, limit: 4096 })
      expect(block).toBeInstanceOf(Uint8Array)
      expect(Array.from(block)).toEqual(Array.from(all.subarray(500, 4596)))
    })

    it('carries numbers with a fraction, large numbers and text beyond ASCII', async () => {
      await reconnect({
        'scripts.read': ({ path }) => ({ text: `${path} 65 °C 🙂\0`, revision: '1' }),
        'devices.list': () => [{ ...offDevice, since: 1_700_000_000_123.25, attempts: 2 ** 45 }],
      })
      expect((await caller.call('scripts.read', { path: 'ü' })).text).toBe('ü 65 °C 🙂\0')
      const [device] = await caller.call('devices.list', {})
      expect(device).toMatchObject({ since: 1_700_000_000_123.25, attempts: 2 ** 45 })
    })

    it('carries a field that is undefined as one that is absent or undefined', async () => {
      await reconnect({ 'devices.list': () => [offDevice] })
      const [device] = await caller.call('devices.list', {})
      expect(device?.error).toBeUndefined()
      expect(device?.nextAttemptAt).toBeUndefined()
      expect(device).toEqual(offDevice)
    })

    it('refuses parameters that are not of the contract, naming the place', async () => {
      const params = { id: 'pump-01', action: 'explode' } as unknown as Params<'devices.act'>
      await expect(caller.call('devices.act', params)).rejects.toMatchObject({
        code: 'invalid-message',
        message: expect.stringMatching(/^parameters of devices\.act: action: /),
      })
      const none = undefined as unknown as Params<'devices.list'>
      await expect(caller.call('devices.list', none)).rejects.toMatchObject({ code: 'invalid-message' })
    })

    it('refuses a method that does not exist, also one that every object has', async () => {
      for (const method of ['devices.explode', 'toString', '__proto__']) {
        const call = caller.call(method as 'devices.list', {})
        await expect(call).rejects.toMatchObject({ code: 'unknown-method', message: expect.stringContaining(method) })
      }
    })

    it('rejects a call whose parameters cannot be sent', async () => {
      const params = { id: () => {} } as unknown as Params<'devices.console'>
      await expect(caller.call('devices.console', params)).rejects.toMatchObject({ code: 'invalid-message' })
    })

    it('answers with an error when a result cannot be sent', async () => {
      await reconnect({ 'devices.list': () => [(() => {}) as unknown as Device] })
      await expect(caller.call('devices.list', {})).rejects.toMatchObject({ code: 'internal' })
      expect(responderProblems).toHaveLength(1)
    })

    it('answers with the bare error when its details cannot be sent', async () => {
      await reconnect({
        'devices.list': () => {
          throw new FaultlineError({ code: 'conflict', message: 'two of them', details: { which: () => {} } })
        },
      })
      await expect(caller.call('devices.list', {})).rejects.toMatchObject({ code: 'conflict', message: 'two of them' })
    })

    it('closes both ends when the screen goes, and the workbench may go on sending into the void', async () => {
      const closed = vi.fn()
      line.workbench.onClose(closed)
      caller.dispose()
      await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), patience)
      responder.emit('workbench.stats', stats)
      await expect(caller.call('devices.list', {})).rejects.toMatchObject({ code: 'connection-closed' })
    })

    it('rejects what waits when the workbench goes', async () => {
      await reconnect({ 'devices.list': () => new Promise(() => {}) })
      const waiting = caller.call('devices.list', {})
      // Answered, so the one before has arrived too.
      await caller.call('scripts.list', {})
      responder.dispose()
      await expect(waiting).rejects.toMatchObject({ code: 'connection-closed' })
      await expect(caller.call('scripts.list', {})).rejects.toMatchObject({ code: 'connection-closed' })
    })

    it('still delivers what the workbench sent just before it went', async () => {
      const seen: number[] = []
      caller.on('workbench.stats', ({ clients }) => seen.push(clients))
      for (let clients = 0; clients < 50; clients++) responder.emit('workbench.stats', { ...stats, clients })
      responder.dispose()
      await vi.waitFor(() => expect(seen).toHaveLength(50), patience)
    })

    it('reports an event that is not of the contract, and hands on the next good one', async () => {
      const seen: unknown[] = []
      caller.on('workbench.stats', (value) => seen.push(value))
      responder.emit('workbench.stats', { ...stats, clients: -1 })
      responder.emit('nothing.happened' as 'workbench.stats', stats)
      responder.emit('workbench.stats', stats)
      await vi.waitFor(() => expect(seen).toEqual([stats]), patience)
      expect(callerProblems.map(({ message }) => message)).toEqual([
        expect.stringContaining('event workbench.stats: clients'),
        expect.stringContaining("unknown event 'nothing.happened'"),
      ])
    })

    it('rejects a call, and reports it, when the result is not of the contract', async () => {
      await reconnect({ 'devices.list': () => [{ ...offDevice, state: 'melted' as 'off' }] })
      await expect(caller.call('devices.list', {})).rejects.toMatchObject({
        code: 'invalid-message',
        message: expect.stringMatching(/^result of devices\.list: 0\.state: /),
      })
      expect(callerProblems).toHaveLength(1)
    })
  })

  describe('one end that is not of the contract', () => {
    it('has its answer rejected and reported when the answer cannot be read', async () => {
      const { screen, workbench } = await openLine()
      const caller = new Caller(screen)
      const problems: FaultlineError[] = []
      caller.onProblem((problem) => problems.push(problem))
      workbench.onMessage((request) => {
        const { id } = request as { id: number }
        workbench.send({ type: 'error', id, error: { code: 'a code of the future', message: 'unknown here' } })
      })
      await expect(caller.call('devices.list', {})).rejects.toMatchObject({ code: 'invalid-message' })
      expect(problems).toHaveLength(1)
    })

    it('is reported when it answers what nobody asked, or says nothing that makes sense', async () => {
      const { screen, workbench } = await openLine()
      const caller = new Caller(screen)
      const problems: string[] = []
      caller.onProblem(({ message }) => problems.push(message))
      workbench.send({ type: 'result', id: 99, result: {} })
      workbench.send({ type: 'gossip' })
      workbench.send(42)
      await vi.waitFor(() => expect(problems).toHaveLength(3), patience)
      expect(problems[0]).toContain('answered call 99')
    })

    it.each([
      ['a number', 42],
      ['nothing', null],
      ['another type', { type: 'event', event: 'x', value: 1 }],
      ['a field too many', { type: 'request', id: 1, method: 'devices.list', params: {}, sudo: true }],
    ])('loses its connection when it sends %s to the workbench, and only it', async (_, message) => {
      const bad = await openLine()
      const good = await openLine()
      const problems: unknown[] = []
      new Responder(bad.workbench, createHandlers()).onProblem((problem) => problems.push(problem))
      new Responder(good.workbench, createHandlers())
      const closed = vi.fn()
      bad.screen.onClose(closed)
      bad.screen.send(message)
      await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), patience)
      expect(problems).toEqual([expect.objectContaining({ code: 'invalid-message' })])
      await expect(new Caller(good.screen).call('devices.list', {})).resolves.toEqual([])
    })
  })

  describe('a transport', () => {
    it('keeps what arrives before somebody listens, in order', async () => {
      const { screen, workbench } = await openLine()
      for (let i = 0; i < 10; i++) screen.send(i)
      // The close comes last, so all ten have arrived.
      const closed = vi.fn()
      workbench.onClose(closed)
      screen.close()
      await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), patience)
      const seen: unknown[] = []
      workbench.onMessage((message) => seen.push(message))
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    })

    it('hands on what arrives while a listener is being called after what came before', async () => {
      const { screen, workbench } = await openLine()
      const seen: unknown[] = []
      workbench.onMessage((message) => {
        seen.push(message)
        if (message === 0) screen.send(3)
      })
      for (let i = 0; i < 3; i++) screen.send(i)
      await vi.waitFor(() => expect(seen).toHaveLength(4), patience)
      expect(seen).toEqual([0, 1, 2, 3])
    })

    it('tells of its close once, also those who ask later', async () => {
      const { screen, workbench } = await openLine()
      const early = vi.fn()
      workbench.onClose(early)
      screen.close()
      screen.close()
      await vi.waitFor(() => expect(early).toHaveBeenCalled(), patience)
      const late = vi.fn()
      workbench.onClose(late)
      workbench.close()
      expect(late).toHaveBeenCalledOnce()
      expect(early).toHaveBeenCalledOnce()
    })

    it('sends nothing once it is closed, and does not complain', async () => {
      const { screen, workbench } = await openLine()
      const closed = vi.fn()
      workbench.onClose(closed)
      screen.close()
      screen.send('too late')
      await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), patience)
      workbench.send('too late')
    })
  })
})
