import { expect } from 'vitest'
import type { Captured } from '../../app/capture/captured.ts'
import type { Exchange, Message } from '../../app/handshake/message.ts'
import type { Observed } from '../../app/handshake/observed.ts'
import { HandshakeTracker } from '../../app/handshake/tracker.ts'

/** All Messages of a capture, the oldest first. */
export function rebuild({ records }: { readonly records: readonly Captured[] }): Message[] {
  const tracker = new HandshakeTracker()
  // The records of a capture are what a tracker takes: this line does not compile otherwise.
  for (const record of records) tracker.add(record satisfies Observed)
  return tracker.list(10_000).reverse()
}

/** The only Message of a capture. */
export function only(capture: { readonly records: readonly Captured[] }): Message {
  const messages = rebuild(capture)
  expect(messages.map(({ topic }) => topic)).toHaveLength(1)
  return messages[0] as Message
}

/** An exchange in words, such as `> PUBLISH 7 DUP` and `-- link cut`. */
export function ladder(exchange: Exchange | undefined): string[] {
  return (exchange?.steps ?? []).map((step) => {
    if (step.kind === 'connection') return `-- ${step.text}`
    const { type, packetId, dup, fate, remark } = step
    const way = step.direction === 'to broker' ? '>' : '<'
    const words = [way, type, packetId, dup ? 'DUP' : undefined, fate, remark && `(${remark})`]
    return words.filter((word) => word !== undefined).join(' ')
  })
}

export function text({ payload }: Message): string {
  return new TextDecoder().decode(payload)
}
