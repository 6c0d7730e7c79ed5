import { describe, expect, it } from 'vitest'
import { HandshakeTracker } from '../../../../../app/handshake/tracker.ts'
import { gapsOf } from '../../../../../main/scenarios/expect/gaps.ts'
import { Conversation } from '../../../../helpers/conversation.ts'

describe('what cannot be looked at any more', () => {
  it('is nothing, records that were never read, or messages that are kept no more', () => {
    const tracker = new HandshakeTracker({ mostMessages: 2 })
    expect(gapsOf({ missed: 0, tracker })).toBeUndefined()
    expect(gapsOf({ missed: 1, tracker })).toBe(
      '1 record of the capture could not be looked at: there was no room to keep them',
    )
    const talk = new Conversation()
    const pump = talk.connect('pump')
    for (let n = 0; n < 5; n++) pump.publish({ payload: `${n}` })
    for (const record of talk.records) tracker.add(record)
    expect(gapsOf({ missed: 2, tracker })).toBe(
      '2 records of the capture and 3 older messages could not be looked at: there was no room to keep them',
    )
  })
})
