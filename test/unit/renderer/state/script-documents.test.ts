import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import type { Params, Result } from '../../../../app/contract/contract.ts'
import {
  type Call,
  isDirty,
  type ScriptDocument,
  ScriptDocuments,
} from '../../../../renderer/state/script-documents.ts'

const path = 'devices/pump.device.ts'

/** A workspace with one script, that refuses as the real one does. */
class Disk {
  text = 'one'
  revision = 1
  broken = false
  /** Runs while a write is on its way. */
  whileWriting: (() => void) | undefined

  readonly call: Call = async (method, params) => {
    if (this.broken) throw new FaultlineError({ code: 'connection-closed', message: 'the workbench is gone' })
    if (method === 'scripts.read') {
      return { text: this.text, revision: String(this.revision) } as Result<typeof method>
    }
    if (method !== 'scripts.write') throw new Error(`nobody asked for ${method}`)
    const { text, basedOn } = params as Params<'scripts.write'>
    this.whileWriting?.()
    if (basedOn !== String(this.revision)) throw new FaultlineError({ code: 'conflict', message: 'changed on disk' })
    this.put(text)
    return { revision: String(this.revision), restarted: 3 } as Result<typeof method>
  }

  put(text: string): void {
    this.text = text
    this.revision++
  }
}

describe('ScriptDocuments', () => {
  let disk: Disk
  let documents: ScriptDocuments
  const document = () => documents.get(path) as ScriptDocument

  beforeEach(async () => {
    disk = new Disk()
    documents = new ScriptDocuments(disk.call)
    await documents.open(path)
  })

  it('reads a script once, however often it is opened', async () => {
    documents.edit(path, 'mine')
    await documents.open(path)
    expect(document().text).toBe('mine')
  })

  it('knows what is not saved, and that typing it back is no change', () => {
    expect(isDirty(document())).toBe(false)
    documents.edit(path, 'two')
    expect(isDirty(document())).toBe(true)
    documents.edit(path, 'one')
    expect(isDirty(document())).toBe(false)
  })

  it('saves, and says how many devices it restarted', async () => {
    documents.edit(path, 'two')
    await documents.save(path)
    expect(disk.text).toBe('two')
    expect(isDirty(document())).toBe(false)
    expect(document()).toMatchObject({ restarted: 3, saving: false, conflict: false })
  })

  it('keeps what is typed while it saves', async () => {
    documents.edit(path, 'two')
    disk.whileWriting = () => documents.edit(path, 'three')
    await documents.save(path)
    expect(disk.text).toBe('two')
    expect(document().text).toBe('three')
    expect(isDirty(document())).toBe(true)
  })

  it('saves what is typed and saved while it saves', async () => {
    documents.edit(path, 'two')
    const saved: string[] = []
    disk.whileWriting = () => {
      disk.whileWriting = () => saved.push(disk.text)
      documents.edit(path, 'three')
      void documents.save(path)
    }
    await documents.save(path)
    expect([...saved, disk.text]).toEqual(['two', 'three'])
    expect(isDirty(document())).toBe(false)
    await documents.save(path)
    expect(saved).toEqual(['two', 'three'])
  })

  it('does not save again what is saved twice', async () => {
    documents.edit(path, 'two')
    disk.whileWriting = () => void documents.save(path)
    await documents.save(path)
    expect(disk.revision).toBe(2)
  })

  it('loses nothing when saving fails, and says why', async () => {
    documents.edit(path, 'two')
    disk.broken = true
    await documents.save(path)
    expect(document()).toMatchObject({ text: 'two', saving: false })
    expect(document().error?.message).toBe('the workbench is gone')
    disk.broken = false
    await documents.save(path)
    expect(disk.text).toBe('two')
    expect(document().error).toBeUndefined()
  })

  it('does not write over what somebody else wrote', async () => {
    documents.edit(path, 'mine')
    disk.put('theirs')
    await documents.save(path)
    expect(disk.text).toBe('theirs')
    expect(document()).toMatchObject({ conflict: true, text: 'mine', error: undefined })
  })

  it('writes over it when it is told to', async () => {
    documents.edit(path, 'mine')
    disk.put('theirs')
    await documents.save(path)
    await documents.overwrite(path)
    expect(disk.text).toBe('mine')
    expect(document().conflict).toBe(false)
    expect(isDirty(document())).toBe(false)
  })

  it('takes what is on disk when it is told to, and has the editor show it', async () => {
    const replaced = vi.fn()
    documents.onReplaced(replaced)
    documents.edit(path, 'mine')
    disk.put('theirs')
    await documents.save(path)
    await documents.reload(path)
    expect(document()).toMatchObject({ conflict: false, text: 'theirs' })
    expect(isDirty(document())).toBe(false)
    expect(replaced).toHaveBeenCalledWith(path)
  })

  it('follows a change on disk when nothing was typed', async () => {
    disk.put('theirs')
    await documents.touched([path])
    expect(document()).toMatchObject({ text: 'theirs', conflict: false })
  })

  it('tells at once when a script changes on disk under unsaved typing', async () => {
    documents.edit(path, 'mine')
    disk.put('theirs')
    await documents.touched([path])
    expect(document()).toMatchObject({ text: 'mine', conflict: true })
  })

  it('is not disturbed by the news of its own saving', async () => {
    documents.edit(path, 'two')
    await documents.save(path)
    documents.edit(path, 'three')
    await documents.touched([path])
    expect(document()).toMatchObject({ text: 'three', conflict: false })
  })

  it('has no conflict where both wrote the same', async () => {
    documents.edit(path, 'same')
    disk.put('same')
    await documents.touched([path])
    expect(document().conflict).toBe(false)
    expect(isDirty(document())).toBe(false)
  })

  it('says so when a script cannot be read, and reads it when it can', async () => {
    const other = 'devices/other.device.ts'
    disk.broken = true
    await documents.open(other)
    expect(documents.get(other)?.state).toBe('unreadable')
    disk.broken = false
    await documents.open(other)
    expect(documents.get(other)?.state).toBe('ready')
  })
})
