import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsedFiles } from '../../../../../main/devices/guest/used-files.ts'
import { WorkspaceFiles } from '../../../../../main/devices/guest/workspace-files.ts'

describe('the files that a device has used', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'faultline-used-files-'))
    mkdirSync(join(root, 'recordings'))
    writeFileSync(join(root, 'recordings/a.faultline'), 'x')
    writeFileSync(join(root, 'a.csv'), '1')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('are told once, also those that are not there, and not those that no script may read', () => {
    const told: string[] = []
    const files = new UsedFiles(new WorkspaceFiles(root), (path) => told.push(path))
    const from = 'devices/pump.device.ts'
    for (const path of ['a.csv', 'recordings/a.faultline', 'faultline.json', 'recordings', 'b.csv', 'a.csv']) {
      files.read(path, from)
    }
    expect(told).toEqual(['a.csv', 'b.csv'])
  })
})
