import { describe, expect, it, vi } from 'vitest'
import { ConnectionDirectory } from '../../../../renderer/state/connection-directory.ts'

describe('ConnectionDirectory', () => {
  it('remembers whose connection it was', () => {
    const directory = new ConnectionDirectory()
    directory.learn([{ id: 3, clientId: 'pump', protocolVersion: 5 }])
    expect(directory.clientId(3)).toBe('pump')
    expect(directory.version(3)).toBe(5)
    expect(directory.clientId(4)).toBeUndefined()
  })

  it('does not forget a name because a later message leaves it out', () => {
    const directory = new ConnectionDirectory()
    directory.learn([{ id: 3, clientId: 'given', protocolVersion: 4 }])
    directory.learn([{ id: 3, clientId: '', protocolVersion: undefined }])
    expect(directory.clientId(3)).toBe('given')
    expect(directory.version(3)).toBe(4)
  })

  it('takes no level for a version that there is not', () => {
    const directory = new ConnectionDirectory()
    directory.learn([{ id: 1, clientId: 'odd', protocolVersion: 77 }])
    expect(directory.version(1)).toBeUndefined()
  })

  it('tells of news only when there are some', () => {
    const directory = new ConnectionDirectory()
    const heard = vi.fn()
    directory.onChanged(heard)
    directory.learn([{ id: 1, clientId: 'pump', protocolVersion: 4 }])
    directory.learn([{ id: 1, clientId: 'pump', protocolVersion: 4 }])
    expect(heard).toHaveBeenCalledOnce()
  })
})
