import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileSink } from '../../../../main/recorder/file-sink.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const hint = 'name another'

async function folderAndPath() {
  const folder = await temporaryFolder()
  return { folder, path: join(folder, 'a.csv') }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

describe('FileSink', () => {
  it('gives each of those that are written at the same time a name of its own', async () => {
    const { folder } = await folderAndPath()
    const name = (place: number) => join(folder, `${place}.csv`)
    const sinks = await Promise.all([1, 2, 3].map(() => FileSink.fresh(name)))
    await Promise.all(sinks.map((sink, i) => sink.write(bytes(`${i} `.repeat(1000)))))
    expect((await readdir(folder)).some((file) => file.endsWith('.csv'))).toBe(false)
    await Promise.all(sinks.map((sink) => sink.close()))
    expect(await readdir(folder)).toEqual(['1.csv', '2.csv', '3.csv'])
    expect(new Set(sinks.map(({ path }) => path)).size).toBe(3)
    for (const [i, { path }] of sinks.entries()) expect(await readFile(path, 'utf8')).toBe(`${i} `.repeat(1000))
  })

  it('does not replace what another program has written meanwhile', async () => {
    const { folder, path } = await folderAndPath()
    const sink = await FileSink.replace(path, { force: false, hint })
    await sink.write(bytes('mine'))
    await writeFile(path, 'theirs')
    await expect(sink.close()).rejects.toMatchObject({ code: 'already-exists', hint })
    await sink.abandon()
    expect(await readFile(path, 'utf8')).toBe('theirs')
    expect(await readdir(folder)).toEqual(['a.csv'])
  })

  it('lets two replace the same file, one after the other, each of them whole', async () => {
    const { folder, path } = await folderAndPath()
    await writeFile(path, 'old')
    const [one, other] = await Promise.all([1, 2].map(() => FileSink.replace(path, { force: true, hint })))
    await one?.write(bytes('one'))
    await other?.write(bytes('other'))
    expect(await readFile(path, 'utf8')).toBe('old')
    await one?.close()
    expect(await readFile(path, 'utf8')).toBe('one')
    await other?.close()
    expect(await readFile(path, 'utf8')).toBe('other')
    expect(await readdir(folder)).toEqual(['a.csv'])
  })

  it('leaves nothing behind without a result', async () => {
    const { folder, path } = await folderAndPath()
    for (const sink of [
      await FileSink.create(path),
      await FileSink.replace(join(folder, 'b'), { force: false, hint }),
      await FileSink.fresh(() => join(folder, 'c')),
    ]) {
      await sink.write(bytes('x'))
      await sink.abandon()
    }
    expect(await readdir(folder)).toEqual([])
  })

  it('says what stands in the way, and what to do', async () => {
    const { folder, path } = await folderAndPath()
    await writeFile(path, 'x')
    await mkdir(join(folder, 'sub'))
    const replace = (name: string) => FileSink.replace(join(folder, name), { force: false, hint })
    await expect(replace('a.csv')).rejects.toMatchObject({ code: 'already-exists', hint })
    await expect(FileSink.create(path)).rejects.toMatchObject({ code: 'already-exists', hint: expect.anything() })
    await expect(replace('sub')).rejects.toMatchObject({ code: 'file-unwritable', hint: expect.anything() })
    for (const refused of [
      () => replace('a.csv/b'),
      () => FileSink.fresh(() => join(path, 'b')),
      () => FileSink.create(join(path, 'b')),
    ]) {
      await expect(refused()).rejects.toMatchObject({
        code: 'file-unwritable',
        message: expect.stringMatching(/what should be its folder is a file$/),
        hint: expect.anything(),
      })
    }
  })
})
