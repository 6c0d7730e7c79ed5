import { appendFile, copyFile, mkdir, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ConnectionSnapshot } from '../../../../app/contract/contract.ts'
import { openRecording } from '../../../../main/recorder/open-recording.ts'
import { Captures } from '../../../../main/workbench/captures.ts'
import { RecordingDesk } from '../../../../main/workbench/recording-desk.ts'
import { Scene } from '../../../helpers/scene.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const ping = Buffer.of(0xc0, 0)

/** A desk at which time stands still: whatever it does, it does in the same second. */
async function createDesk(connections: ConnectionSnapshot[] = []) {
  const scene = new Scene()
  const { clock, recorder } = scene
  const names = { clientId: () => undefined, version: () => undefined }
  const live = {
    captureStart: recorder.startedAt,
    names,
    connections,
    get first() {
      return recorder.first
    },
    get next() {
      return recorder.next
    },
    read: (from: number, limit: number) => recorder.read(from, limit),
  }
  const captures = new Captures({ clock, live, log: () => {} })
  const workspace = await temporaryFolder()
  const desk = new RecordingDesk({ clock, recorder, live, captures, workspace, program: '1.2.3' })
  onTestFinished(async () => {
    await desk.dispose()
    captures.dispose()
  })
  const files = () => readdir(join(workspace, 'recordings')).catch(() => [])
  /** A recording of as many records. */
  const record = async (records: number) => {
    const { path = '' } = await desk.start()
    for (let i = 0; i < records; i++) scene.send(1, 'to broker', ping)
    await desk.stop()
    return path
  }
  return { scene, desk, captures, workspace, files, record }
}

/** Files below a folder that this process has open. */
async function openBelow(folder: string): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd')
  const targets = await Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')))
  return targets.filter((target) => target.startsWith(folder))
}

describe('RecordingDesk', () => {
  it.each([
    ['a folder elsewhere', ''],
    ['one that is not there yet', 'new'],
  ])('writes nothing through a link out of the workspace to %s', async (_, name) => {
    const [{ desk, workspace }, outside] = [await createDesk(), await temporaryFolder()]
    await symlink(join(outside, name), join(workspace, 'recordings'))
    const refused = { code: 'forbidden', message: 'recordings leads out of the workspace' }
    await expect(desk.start()).rejects.toMatchObject(refused)
    await expect(desk.export('live', 'csv', '')).rejects.toMatchObject(refused)
    expect([await readdir(outside), desk.state()]).toEqual([[], { records: 0, octets: 0, lost: 0 }])
  })

  it('says in words that the workspace has gone, and writes nothing', async () => {
    const { desk, workspace } = await createDesk()
    await rm(workspace, { recursive: true })
    const refused = {
      code: 'file-unwritable',
      message: `${join(workspace, 'recordings')} cannot be written: its folder does not exist`,
      hint: 'make the folder again, or choose another',
    }
    await expect(desk.start()).rejects.toMatchObject(refused)
    await expect(desk.export('live', 'csv', '')).rejects.toMatchObject(refused)
    await expect(readdir(workspace)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('writes through a link to another folder of the workspace', async () => {
    const { files, record, workspace } = await createDesk()
    await mkdir(join(workspace, 'archive'))
    await symlink('archive', join(workspace, 'recordings'))
    expect(join(workspace, await record(1))).toBe(join(workspace, 'recordings', (await files())[0] ?? ''))
    expect(await readdir(join(workspace, 'archive'))).toHaveLength(1)
  })

  describe('export', () => {
    it('gives exports of the same second files of their own', async () => {
      const { desk, scene, files, workspace } = await createDesk()
      for (let i = 0; i < 3000; i++) scene.send(1, 'to broker', ping)
      const all = await Promise.all(['', 'type:pingreq', 'type:publish', ''].map((f) => desk.export('live', 'csv', f)))
      expect(all.map(({ records }) => records)).toEqual([3000, 3000, 0, 3000])
      expect(new Set(all.map(({ path }) => path)).size).toBe(4)
      for (const { path, octets, records } of all) {
        const text = await readFile(join(workspace, path), 'utf8')
        expect(text).toHaveLength(octets)
        expect(text.trim().split('\n')).toHaveLength(records + 1)
      }
      expect(await files()).toHaveLength(4)
    })

    it('leaves nothing behind where there is nothing to export', async () => {
      const { desk, files } = await createDesk()
      await expect(desk.export('no such', 'csv', '')).rejects.toMatchObject({ code: 'not-found' })
      expect(await files()).toEqual([])
    })
  })

  describe('start and stop', () => {
    it('gives recordings of the same second files of their own', async () => {
      const { record, files } = await createDesk()
      expect(await record(1)).not.toBe(await record(2))
      expect(await files()).toHaveLength(2)
    })

    it('stops a recording that is about to begin', async () => {
      const { desk, workspace } = await createDesk()
      const starting = desk.start()
      await expect(desk.start()).rejects.toMatchObject({ code: 'wrong-state', hint: 'stop it first' })
      expect((await desk.stop()).path).toBeUndefined()
      const { path = '' } = await starting
      expect(desk.state().path).toBeUndefined()
      const recording = await openRecording(join(workspace, path))
      expect(recording.problem).toBeUndefined()
      recording.dispose()
    })

    it('leaves nothing that is still written when it is disposed, and begins nothing more', async () => {
      const { desk, scene, workspace } = await createDesk()
      const starting = desk.start()
      await desk.dispose()
      await starting
      expect(desk.state().path).toBeUndefined()
      expect(scene.recorder.next).toBe(1)
      expect(await openBelow(workspace)).toEqual([])
      await expect(desk.start()).rejects.toMatchObject({ code: 'wrong-state', hint: expect.anything() })
    })

    it('tells the states of each recording once', async () => {
      const { desk, record } = await createDesk()
      const states: unknown[] = []
      desk.onChanged(({ path, records }) => states.push([path !== undefined, records]))
      await record(1)
      await record(2)
      expect(states).toEqual([
        [true, 0],
        [false, 1],
        [true, 0],
        [false, 2],
      ])
    })

    it('lets go of the file when the recording cannot begin, and can begin another', async () => {
      const broken = {
        open: true,
        get clientId(): string {
          throw new Error('cannot be told')
        },
      }
      const connections = [broken as unknown as ConnectionSnapshot]
      const { desk, files, workspace } = await createDesk(connections)
      await expect(desk.start()).rejects.toThrow('cannot be told')
      expect(await files()).toEqual([])
      expect(await openBelow(workspace)).toEqual([])
      connections.pop()
      expect((await desk.start()).path).toBeDefined()
    })
  })

  describe('open', () => {
    it('opens a file once, for all who look at it, and closes it when the last has gone', async () => {
      const { desk, captures, record, workspace } = await createDesk()
      const path = await record(2)
      await symlink(join(workspace, path), join(workspace, 'other-name.faultline'))
      const all = await Promise.all([desk.open(path), desk.open(path), desk.open('other-name.faultline')])
      const [{ id }] = all
      expect(all.map((recording) => recording.id)).toEqual([id, id, id])
      expect(await openBelow(workspace)).toHaveLength(1)
      desk.close(id)
      desk.close(id)
      expect(captures.get(id).next).toBe(3)
      desk.close(id)
      expect(() => captures.get(id)).toThrow(expect.objectContaining({ code: 'not-found' }))
      expect(await openBelow(workspace)).toEqual([])
      expect((await desk.open(path)).records).toBe(2)
    })

    it('opens another file of the same content as another', async () => {
      const { desk, record, workspace } = await createDesk()
      const path = await record(1)
      await copyFile(join(workspace, path), join(workspace, 'copy.faultline'))
      expect((await desk.open('copy.faultline')).id).not.toBe((await desk.open(path)).id)
    })

    it('opens a file anew when it has changed', async () => {
      const { desk, record, workspace } = await createDesk()
      const path = await record(1)
      const before = await desk.open(path)
      await appendFile(join(workspace, path), 'x')
      const after = await desk.open(path)
      expect(after.id).not.toBe(before.id)
      expect(after.problem).toContain('there is something behind its end')
    })

    it('tries again where it could not be opened', async () => {
      const { desk, record, workspace } = await createDesk()
      await expect(desk.open('later.faultline')).rejects.toMatchObject({ code: 'file-unreadable' })
      await copyFile(join(workspace, await record(1)), join(workspace, 'later.faultline'))
      expect((await desk.open('later.faultline')).records).toBe(1)
    })

    it('keeps what a screen had open that has gone until it had time to come back', async () => {
      const { captures, desk, record, scene, workspace } = await createDesk()
      const { id } = await desk.open(await record(1))
      desk.closeLater(id)
      scene.clock.advance(10_000)
      expect(desk.hold(id)).toBe(true)
      scene.clock.advance(60_000)
      expect(captures.get(id).next).toBe(2)
      desk.closeLater(id)
      scene.clock.advance(60_000)
      expect(() => captures.get(id)).toThrow(expect.objectContaining({ code: 'not-found' }))
      expect(desk.hold(id)).toBe(false)
      expect(await openBelow(workspace)).toEqual([])
      expect(scene.clock.waiting).toBe(0)
    })

    it('closes everything when it is disposed, also what is only being opened', async () => {
      const { desk, record, scene, workspace } = await createDesk()
      const path = await record(1)
      const { id } = await desk.open(path)
      desk.closeLater(id)
      await copyFile(join(workspace, path), join(workspace, 'copy.faultline'))
      const opening = desk.open('copy.faultline')
      await Promise.all([desk.dispose(), expect(opening).rejects.toMatchObject({ code: 'wrong-state' })])
      expect(await openBelow(workspace)).toEqual([])
      expect(scene.clock.waiting).toBe(0)
    })

    it('says of the recording that is being written that it is, and of the same later that it is whole', async () => {
      const { desk } = await createDesk()
      const { path = '' } = await desk.start()
      // Its first octets go to the disk by themselves.
      while (desk.state().octets === 0) await new Promise((resolve) => setImmediate(resolve))
      expect((await desk.open(path)).problem).toMatch(/^it is still being written/)
      await desk.stop()
      expect((await desk.open(path)).problem).toBeUndefined()
    })
  })
})
