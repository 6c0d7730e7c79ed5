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

  it('refuse what cannot be meant', () => {
    const refusal = (message: string) => expect.objectContaining({ code: 'invalid-argument', message })
    expect(() => choiceOf('--store disk')).toThrow(refusal('there is no store disk'))
    expect(() => choiceOf('--store memory --data here')).toThrow(refusal('the memory store has no folder'))
    const { arguments: given } = parse('serve --store level') as { arguments: { data: undefined; store: string } }
    expect(() => storeChoice(given, undefined)).toThrow(refusal('the demo plant keeps nothing'))
    expect(() => parse('open --data here')).toThrow(/unknown option/)
  })
})
