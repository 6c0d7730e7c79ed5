import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { RecordingSnapshot } from '../../app/contract/captures.ts'
import { contractVersion } from '../../app/contract/contract.ts'
import { type Handlers, Responder } from '../../app/contract/responder.ts'
import type { Transport } from '../../app/contract/transport.ts'
import { brokerHandlers } from './broker-handlers.ts'
import { CaptureFollower } from './capture-follower.ts'
import type { Parts } from './parts.ts'
import { sessionHandlers } from './session-handlers.ts'
import { TopicDesk } from './topic-desk.ts'
import { wireHandlers } from './wire-handlers.ts'

/** One screen that looks at the workbench: answers its calls and sends it what changes. */
export class Screen implements Disposable {
  readonly #parts: Parts
  readonly #responder: Responder
  readonly #disposables = new DisposableStore()
  readonly #topics: TopicDesk
  /** Captures whose messages this screen follows. */
  readonly #followed = new Set<string>()
  /** Recordings that it keeps open. */
  readonly #opened = new Set<string>()
  #disposed = false
  #follower: CaptureFollower | undefined

  constructor(transport: Transport, parts: Parts, log: (line: string) => void) {
    this.#parts = parts
    this.#topics = this.#disposables.add(
      new TopicDesk(parts.broker, (counts) => responder.emit('topics.changed', counts)),
    )
    const responder = new Responder(transport, parts.deeds.watching(this.#handlers()))
    this.#responder = responder
    this.#disposables.add(responder)
    this.#disposables.add(responder.onProblem((error) => log(`a screen: ${error}`)))
    this.#disposables.add(parts.devices.onChanged((value) => responder.emit('devices.changed', value)))
    this.#disposables.add(parts.devices.onConsole((lines) => responder.emit('devices.console', { lines })))
    this.#disposables.add(parts.fleets.onChanged((value) => responder.emit('fleets.changed', value)))
    this.#disposables.add(parts.project.onTargets((targets) => responder.emit('targets.changed', { targets })))
    this.#disposables.add(parts.project.onScripts((value) => responder.emit('scripts.changed', value)))
    this.#disposables.add(parts.broker.onSessions((value) => responder.emit('sessions.changed', value)))
    this.#disposables.add(parts.connections.onChanged((value) => responder.emit('connections.changed', value)))
    this.#disposables.add(parts.wire.onChanged((value) => responder.emit('wire.changed', value)))
    this.#disposables.add(parts.recordings.onChanged((value) => responder.emit('recording.changed', value)))
    this.#disposables.add(
      parts.captures.onMessages((value) => {
        if (this.#followed.has(value.capture)) responder.emit('messages.changed', value)
      }),
    )
    this.#disposables.add(parts.scenarios.onChanged((value) => responder.emit('scenarios.changed', value)))
    this.#disposables.add(parts.scenarios.onProgress.event((value) => responder.emit('scenarios.progress', value)))
    this.#disposables.add(parts.scenarios.onQueue.event((value) => responder.emit('scenarios.queue', value)))
    this.#disposables.add(parts.stats.onStats((value) => responder.emit('workbench.stats', value)))
  }

  dispose(): void {
    this.#disposed = true
    this.#follower?.dispose()
    this.#disposables.dispose()
    for (const id of this.#opened) this.#parts.recordings.closeLater(id)
    this.#opened.clear()
  }

  #handlers(): Handlers {
    const { broker, captures, clock, connections, devices, fleets, own, project, recorder, recordings, wire } =
      this.#parts
    const looked = (capture: string) => this.#look(capture)
    return {
      ...wireHandlers(wire),
      ...brokerHandlers(broker, own),
      ...sessionHandlers(broker),
      ...this.#topics.handlers(),
      ...this.#parts.scenarios.handlers((path) => this.#open(path)),
      'workbench.hello': ({ contractVersion: asked }) => this.#hello(asked),
      'devices.list': () => devices.list(),
      'devices.act': async ({ id, action, settings }) => {
        await devices.act(id, action, settings)
        return {}
      },
      'devices.history': ({ id }) => devices.history(id),
      'devices.console': ({ id }) => devices.console(id),
      'fleets.list': () => fleets.list(),
      'fleets.change': ({ id, change }) => {
        fleets.change(id, change)
        return {}
      },
      'targets.list': () => project.targets(),
      'scripts.list': () => project.scripts(),
      'scripts.read': async ({ path }) => {
        const { text, revision } = await project.readScript(path)
        return { text, revision }
      },
      'scripts.write': ({ path, text, basedOn }) => project.writeScript(path, text, basedOn),
      'scripts.templates': () => project.templates(),
      'scripts.create': ({ name, template }) => project.createScript(name, template),
      'certificates.list': () => project.certificates(),
      'connections.list': () => connections.list(),
      'capture.follow': () => {
        this.#follower?.dispose()
        this.#follower = new CaptureFollower({
          recorder,
          clock,
          send: (batch) => this.#responder.emit('capture.batch', batch),
        })
        return { next: this.#follower.next }
      },
      'capture.acknowledge': ({ batch }) => {
        this.#follower?.acknowledge(batch)
        return {}
      },
      'capture.read': ({ capture, from, limit }) => ({ block: captures.get(looked(capture)).read(from, limit) }),
      'capture.search': ({ capture, filter, from, to }) => captures.search(looked(capture), filter, from, to),
      'capture.export': ({ capture, format, filter }) => recordings.export(looked(capture), format, filter),
      'recording.start': () => recordings.start(),
      'recording.stop': () => recordings.stop(),
      'recording.state': () => recordings.state(),
      'recordings.list': () => recordings.list(),
      'recordings.open': ({ path }) => this.#open(path),
      'recordings.close': ({ capture }) => {
        this.#followed.delete(capture)
        if (this.#opened.delete(capture)) recordings.close(capture)
        return {}
      },
      'messages.follow': ({ capture }) => {
        this.#followed.add(capture)
        return captures.messages(looked(capture)).list()
      },
      'messages.older': ({ capture, before }) => ({ messages: captures.messages(looked(capture)).older(before) }),
      'messages.ofPacket': async ({ capture, packet }) => ({
        id: await captures.messages(looked(capture)).ofPacket(packet),
      }),
      'messages.get': ({ capture, id }) => captures.messages(looked(capture)).get(id),
    }
  }

  async #open(path: string): Promise<RecordingSnapshot> {
    const { recordings } = this.#parts
    const recording = await recordings.open(path)
    // It counts once for this screen, and not at all for one that has gone.
    if (this.#disposed || this.#opened.has(recording.id)) recordings.close(recording.id)
    else this.#opened.add(recording.id)
    return recording
  }

  /** A page whose connection was lost goes on, over a new one, with what it had opened. */
  #look(capture: string): string {
    if (!this.#opened.has(capture) && this.#parts.recordings.hold(capture)) this.#opened.add(capture)
    return capture
  }

  #hello(asked: number) {
    const { broker, mqttUrl, project, recorder, version } = this.#parts
    if (asked !== contractVersion) {
      throw new FaultlineError({
        code: 'unsupported-version',
        message: `this screen speaks version ${asked} of the contract, the workbench speaks ${contractVersion}`,
        hint: 'reload the page, so that both are of the same version',
      })
    }
    return {
      version,
      workspace: { name: project.name, path: project.path },
      broker: { url: mqttUrl, engine: broker.engine },
      captureStart: recorder.startedAt,
    }
  }
}
