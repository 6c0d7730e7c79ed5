import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const entry = fileURLToPath(new URL('../../../../../app/script-api/guest.ts', import.meta.url))

async function inputsOf(path: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [path],
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    write: false,
    metafile: true,
  })
  return Object.keys(metafile.inputs)
}

describe('what every sandbox evaluates', () => {
  it('is our own code alone: no validator, and nothing of what only some devices use', async () => {
    const inputs = await inputsOf(entry)
    expect(inputs.length).toBeGreaterThan(10)
    expect(inputs.filter((file) => /node_modules|library-|crossing|csv|faker-helpers/.test(file))).toEqual([])
  })

  it('has nothing of scenarios in it', async () => {
    expect((await inputsOf(entry)).filter((file) => /scenario/.test(file))).toEqual([])
  })
})

describe('what the sandbox of a scenario evaluates', () => {
  it('is our own code alone, without what only devices have', async () => {
    const inputs = await inputsOf(entry.replace('guest.ts', 'scenario-guest.ts'))
    expect(inputs.length).toBeGreaterThan(20)
    expect(
      inputs.filter((file) => /node_modules|library-|crossing|guest\/(?:behaviour|timers|flash|fleet)\.ts/.test(file)),
    ).toEqual([])
  })
})
