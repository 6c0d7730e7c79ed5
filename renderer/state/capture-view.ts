import { liveCapture, type RecordingSnapshot } from '../../app/contract/captures.ts'
import { CaptureStore } from './capture-store.ts'
import { ConnectionDirectory } from './connection-directory.ts'
import { type Call, MessageStore } from './message-store.ts'

/** A capture that can be looked at: the running one, or a recording. */
export interface CaptureView {
  readonly id: string
  /** Of a recording its file's name. */
  readonly name: string
  /** Wall time at which the capture's time is 0; of the running one the workbench says it. */
  readonly captureStart: number | undefined
  /** What could not be read of a recording. */
  readonly problem: string | undefined
  readonly capture: CaptureStore
  readonly directory: ConnectionDirectory
  readonly messages: MessageStore
}

export function liveView(call: Call, report: (error: unknown) => void): CaptureView {
  return createView(liveCapture, 'Live', call, report)
}

export function recordingView(recording: RecordingSnapshot, call: Call, report: (error: unknown) => void): CaptureView {
  const view = {
    ...createView(recording.id, recording.name, call, report),
    captureStart: recording.captureStart,
    problem: recording.problem,
  }
  view.directory.learn(recording.connections)
  view.capture.setEvicted(recording.first - 1)
  view.capture.follow(recording.next)
  return view
}

function createView(id: string, name: string, call: Call, report: (error: unknown) => void): CaptureView {
  const capture = new CaptureStore(
    async (from, limit) => (await call('capture.read', { capture: id, from, limit })).block,
    undefined,
    {
      search: (filter, from, to) => call('capture.search', { capture: id, filter, from, to }),
      isRecording: id !== liveCapture,
    },
  )
  capture.onReadFailed(report)
  return {
    id,
    name,
    captureStart: undefined,
    problem: undefined,
    capture,
    directory: new ConnectionDirectory(),
    messages: new MessageStore(id, call, report),
  }
}
