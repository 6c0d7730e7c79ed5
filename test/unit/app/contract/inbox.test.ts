import { describe, expect, it } from 'vitest'
import { Inbox } from '../../../../app/contract/inbox.ts'

describe('Inbox', () => {
  it('hands on a message that a listener causes after those that already wait, one after the other', () => {
    const inbox = new Inbox()
    inbox.receive('a')
    inbox.receive('b')
    const seen: unknown[] = []
    inbox.onMessage((message) => {
      if (message === 'a') inbox.receive('c')
      seen.push(message)
    })
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('keeps the rest when a listener stops in the middle', () => {
    const inbox = new Inbox()
    inbox.receive('a')
    const first: unknown[] = []
    const subscription = inbox.onMessage((message) => {
      first.push(message)
      if (message !== 'b') return
      subscription.dispose()
      inbox.receive('c')
    })
    inbox.receive('b')
    inbox.receive('d')
    const rest: unknown[] = []
    inbox.onMessage((message) => rest.push(message))
    expect([first, rest]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('takes nothing more once it is closed, and tells of the close at once to who asks later', () => {
    const inbox = new Inbox()
    inbox.receive('before')
    inbox.closed()
    inbox.receive('after')
    const seen: unknown[] = []
    inbox.onMessage((message) => seen.push(message))
    inbox.onClose(() => seen.push('closed'))
    inbox.closed()
    expect(seen).toEqual(['before', 'closed'])
  })
})
