import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../../../main/hosts/cli/arguments.ts'
import { storeChoice } from '../../../../../main/hosts/cli/store-arguments.ts'

const parse = (line: string) => parseArguments(line.split(' '), '1.0.0')

/** What the words after `serve` make of the store, in the workspace `plant`. */
function choiceOf(line: string, workspace: string | undefined = 'plant') {
  const invocation = parse(`serve ${line}`.trim())
  if (invocation.command !== 'serve') throw new Error(`${line} is not serve`)
  return storeChoice(invocation.arguments, workspace)
}

describe('the options of the store', () => {
  it('keep nothing unless they are given', () => {
    expect(choiceOf('')).toEqual({ type: 'memory' })
    expect(choiceOf('--store memory')).toEqual({ type: 'memory' })
  })

  it('put the level store into the folder that is named, or into the workspace', () => {
    expect(choiceOf('--data here')).toEqual({ type: 'level', folder: 'here' })
    expect(choiceOf('--store level --data here')).toEqual({ type: 'level', folder: 'here' })
    expect(choiceOf('--store level')).toEqual({ type: 'level', folder: 'plant/.faultline/broker' })
  })

  it('name a Redis by its URL', () => {
    const url = 'redis://user:secret@10.0.0.1:6380/2'
    expect(choiceOf(`--store ${url}`)).toEqual({ type: 'redis', url })
    expect(choiceOf('--store redis://localhost', undefined)).toEqual({ type: 'redis', url: 'redis://localhost' })
    expect(choiceOf('--store rediss://localhost:6379/')).toEqual({ type: 'redis', url: 'rediss://localhost:6379/' })
  })

  it('refuse what cannot be meant', () => {
    const refusal = (message: string) => expect.objectContaining({ code: 'invalid-argument', message })
    expect(() => choiceOf('--store disk')).toThrow(refusal('there is no store disk'))
    expect(() => choiceOf('--store memory --data here')).toThrow(refusal('the memory store has no folder'))
    expect(() => choiceOf('--data=')).toThrow(refusal('--data names no folder'))
    expect(() => choiceOf('--store redis://here --data here')).toThrow(refusal('a store in Redis has no folder'))
    for (const wrong of ['redis:', 'redis://', 'redis://:secret@/0', 'redis://here/plant', 'redis://here:port']) {
      expect(() => choiceOf(`--store ${wrong}`)).toThrow(refusal('this is no URL of a Redis'))
    }
    const { arguments: given } = parse('serve --store level') as { arguments: { data: undefined; store: string } }
    expect(() => storeChoice(given, undefined)).toThrow(refusal('the demo plant keeps nothing'))
    expect(() => parse('open --data here')).toThrow(/unknown option/)
  })
})
