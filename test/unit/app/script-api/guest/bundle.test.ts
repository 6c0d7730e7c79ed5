import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const entry = fileURLToPath(new URL('../../../../../app/script-api/guest.ts', import.meta.url))

describe('what every sandbox evaluates', () => {
  it('is our own code alone: no validator, and nothing of what only some devices use', async () => {
    const { metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'neutral',
      format: 'esm',
      write: false,
      metafile: true,
    })
    const inputs = Object.keys(metafile.inputs)
    expect(inputs.length).toBeGreaterThan(10)
    expect(inputs.filter((file) => /node_modules|library-|crossing|csv|faker-helpers/.test(file))).toEqual([])
  })
})
