import { readdir } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readTemplates } from '../../../../main/workspace/templates.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const shipped = new URL('../../../../simulations/templates/', import.meta.url)

describe('the templates of new devices', () => {
  it('are those that are shipped, each with a title and a sentence about it, none longer than a card shows', async () => {
    const templates = await readTemplates(shipped)
    expect(templates.map(({ id }) => `${id}.device.ts`).sort()).toEqual((await readdir(shipped)).sort())
    expect(templates.map(({ title }) => title)).toEqual([
      'Thermometer',
      'Pump with commands',
      'GPS tracker',
      'Gateway with children',
      'Meter fleet',
      'Firmware updater with QoS 2',
    ])
    for (const { description } of templates) {
      expect(description).toMatch(/^[A-Z][^*\n]+[.]$/)
      expect(description.length).toBeLessThan(260)
    }
  })

  it('say that the installation is broken where they are gone', async () => {
    const empty = pathToFileURL(`${await temporaryFolder()}/`)
    await expect(readTemplates(empty)).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})
