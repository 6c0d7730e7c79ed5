import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import type { Call } from '../../../../renderer/state/script-documents.ts'
import { ScriptModules } from '../../../../renderer/state/script-modules.ts'

/** A workbench that has these files; tells which were read. */
function workbenchWith(files: Map<string, string>) {
  const read: string[] = []
  const reported: unknown[] = []
  const answer = async (method: string, params: object) => {
    const path = 'path' in params ? String(params.path) : ''
    read.push(path)
    const text = files.get(path)
    if (method !== 'scripts.read' || text === undefined) throw new FaultlineError({ code: 'not-found', message: path })
    return { text, revision: text }
  }
  const modules = new ScriptModules(answer as Call, (error) => reported.push(error))
  const list = () => [...files.keys()].map((path) => ({ path, devices: 0 }))
  return { modules, read, reported, list }
}

const pump = 'devices/pump.device.ts'
const curves = 'devices/lib/curves.ts'
const table = 'devices/table.csv'

describe('the modules that the editor knows', () => {
  it('are those of the workspace, and neither device scripts nor tables', async () => {
    const { modules, list, read } = workbenchWith(new Map([pump, curves, table].map((path) => [path, path])))
    await modules.follow(list())
    expect([...modules.texts.value]).toEqual([[curves, curves]])
    expect(read).toEqual([curves])
  })

  it('are read again when they change, and only then', async () => {
    const files = new Map([
      [curves, 'one'],
      ['devices/lib/zero.ts', 'zero'],
    ])
    const { modules, list, read } = workbenchWith(files)
    await modules.follow(list())
    files.set(curves, 'two')
    await modules.follow(list(), [pump, curves])
    expect(modules.texts.value.get(curves)).toBe('two')
    expect(read.filter((path) => path === 'devices/lib/zero.ts')).toHaveLength(1)
    await modules.follow(list(), [pump])
    expect(read).toHaveLength(3)
  })

  it('are gone when their file is', async () => {
    const files = new Map([[curves, 'one']])
    const { modules, list } = workbenchWith(files)
    await modules.follow(list())
    files.clear()
    await modules.follow(list(), [curves])
    expect(modules.texts.value.size).toBe(0)
  })

  it('are heard of only when there are any', async () => {
    const { modules, list } = workbenchWith(new Map([[pump, '']]))
    const before = modules.texts.value
    await modules.follow(list())
    expect(modules.texts.value).toBe(before)
  })

  it('that cannot be read are reported, and the others are known', async () => {
    const { modules, list, reported } = workbenchWith(new Map([[curves, 'one']]))
    await modules.follow([...list(), { path: 'devices/gone.ts', devices: 0 }])
    expect([...modules.texts.value.keys()]).toEqual([curves])
    expect(reported).toMatchObject([{ code: 'not-found' }])
  })
})
