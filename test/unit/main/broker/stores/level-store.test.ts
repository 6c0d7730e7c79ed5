import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEngine } from '../../../../../main/broker/engine/engine.ts'
import { LevelStore } from '../../../../../main/broker/stores/level-store.ts'
import type { BucketChanges } from '../../../../../main/broker/stores/store.ts'
import { systemClock } from '../../../../../main/workbench/system-clock.ts'
import { temporaryFolder } from '../../../../helpers/temporary-folder.ts'

const bucket = (changes: Record<string, string | undefined>, isDropped = false): BucketChanges => ({
  isDropped,
  changes: new Map(
    Object.entries(changes).map(([key, value]) => [key, value === undefined ? undefined : Buffer.from(value)]),
  ),
})

async function open(folder: string): Promise<LevelStore> {
  const store = await LevelStore.open(folder)
  onTestFinished(() => store.close())
  return store
}

async function contentOf(store: LevelStore): Promise<Record<string, string>> {
  const content: Record<string, string> = {}
  await store.load((name, key, value) => {
    content[`${name} ${key}`] = Buffer.from(value).toString()
  })
  return content
}

describe('a LevelDB store', () => {
  it('has what was put, and not what was deleted or dropped, also when it is opened again', async () => {
    const folder = join(await temporaryFolder(), 'new/broker')
    const store = await LevelStore.open(folder)
    await store.write(
      new Map([
        ['a', bucket({ one: '1', two: '2' })],
        ['ab', bucket({ one: '3' })],
      ]),
    )
    await store.write(new Map([['a', bucket({ one: undefined, two: '2b', three: '' })]]))
    await store.write(new Map([['gone', bucket({ x: '1', y: '2' })]]))
    await store.write(new Map([['gone', bucket({ z: '3' }, true)]]))
    await store.close()
    expect(await contentOf(await open(folder))).toEqual({ 'a two': '2b', 'a three': '', 'ab one': '3', 'gone z': '3' })
  })

  it.skipIf(process.platform === 'win32')('is for nobody else to read', async () => {
    const folder = join(await temporaryFolder(), 'new/broker')
    await open(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('tells buckets apart whose names begin alike, whatever is in them', async () => {
    const store = await open(await temporaryFolder())
    const names = ['s', 's/', 's/\u0001', 's/a', 's/a/h', 's/ä', 's/\u{1f600}']
    await store.write(new Map(names.map((name) => [name, bucket({ k: name })])))
    await store.write(
      new Map([
        ['s/', bucket({}, true)],
        ['s/a', bucket({}, true)],
      ]),
    )
    expect(await contentOf(store)).toEqual(
      Object.fromEntries(names.filter((name) => name !== 's/' && name !== 's/a').map((name) => [`${name} k`, name])),
    )
  })

  it('says so when another has it open', async () => {
    const folder = await temporaryFolder()
    await open(folder)
    await expect(LevelStore.open(folder)).rejects.toMatchObject({
      code: 'conflict',
      message: `the store in ${folder} is in use by another process`,
    })
  })

  it('leaves a folder alone that has something else in it', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'thesis.txt'), 'years of work')
    await expect(LevelStore.open(folder)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/is no store of this broker: it has thesis.txt in it/),
    })
    expect(await readdir(folder)).toEqual(['thesis.txt'])
  })

  it('leaves the LevelDB of another program alone, and a store of a later form', async () => {
    for (const [key, message] of [
      ['theirs', /it has an entry "theirs"/],
      ['format', /it says that it is "theirs"/],
    ] as const) {
      const folder = await temporaryFolder()
      const theirs = new ClassicLevel(folder)
      await theirs.put(key, 'theirs')
      await theirs.close()
      await expect(LevelStore.open(folder)).rejects.toMatchObject({
        code: 'file-unreadable',
        message: expect.stringMatching(message),
      })
      await theirs.open()
      expect(await theirs.iterator().all()).toEqual([[key, 'theirs']])
      await theirs.close()
    }
  })

  it('says so when its files are damaged, or there can be none', async () => {
    const folder = await temporaryFolder()
    await (await LevelStore.open(folder)).close()
    await writeFile(join(folder, 'CURRENT'), 'nonsense\n')
    await expect(LevelStore.open(folder)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/cannot be opened/),
      hint: expect.stringContaining('to begin with an empty store'),
    })
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    await expect(LevelStore.open(file)).rejects.toMatchObject({
      code: 'file-unwritable',
      message: `there can be no store in ${file}: it is no folder`,
    })
  })

  it('is not given up where the system does not let its files be opened', async () => {
    const folder = await temporaryFolder()
    await (await LevelStore.open(folder)).close()
    await rm(join(folder, 'LOCK'))
    await mkdir(join(folder, 'LOCK'))
    await expect(LevelStore.open(folder)).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be opened: IO error: .*LOCK/),
      hint: 'nothing in it was changed; see to it that the folder and its files can be read and written',
    })
  })

  it('is not taken by a broker when a record is damaged, and nothing in it is changed', async () => {
    const folder = join(await temporaryFolder(), 'broker')
    await mkdir(folder)
    const store = await LevelStore.open(folder)
    await store.write(new Map([['session/pump', bucket({ h: 'nonsense' })]]))
    await expect(createEngine({ clock: systemClock, store })).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(
        /is damaged, or is of a later version of Faultline: session\/pump h: its form is 110/,
      ),
    })
    // It was closed with that.
    expect(await contentOf(await open(folder))).toEqual({ 'session/pump h': 'nonsense' })
    expect((await readFile(join(folder, 'CURRENT'))).length).toBeGreaterThan(0)
  })
})
