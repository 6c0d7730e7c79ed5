import { beforeAll, describe, expect, it } from 'vitest'
import {
  type ApiNames,
  apiNames,
  inPlainWords,
  readApiNames,
  refusesRun,
  withAdvice,
} from '../../../../main/workspace/run-mistakes.ts'

let api: ApiNames
beforeAll(async () => {
  api = await readApiNames(new URL('../../../../app/script-api/', import.meta.url))
})

const mistake = (code: string, message: string) => ({ file: 'a.scenario.ts', line: 1, column: 1, code, message })

describe('what the compiler finds stops a run', () => {
  it.each([
    ['TS2304', "Cannot find name 'fooo'."],
    ['TS2584', "A script has no 'console': `log(...)` writes to the report of the run."],
    ['TS2551', "Property 'toRecieve' does not exist on type 'WatchExpectations'. Did you mean 'toReceive'?"],
    ['TS2339', "Property 'toReceive' does not exist on type 'WillExpectations'."],
    ['TS2339', "Property 'toBeOnlin' does not exist on type 'ValueExpectations<any>'."],
    ['TS2339', "Property 'toReceive' does not exist on type 'ValueExpectations<number>'."],
    ['TS2339', "Property 'pmup' does not exist on type '{ readonly pump: FleetHandle; }'."],
    ['TS2339', "Property 'number' does not exist on type 'Promise<HeldPacket>'."],
    [
      'TS2561',
      "Object literal may only specify known properties, but 'packt' does not exist in type 'Which'. Did you mean to write 'packet'?",
    ],
    [
      'TS2561',
      `Object literal may only specify known properties, but 'client' does not exist in type '{ readonly clients?: string | undefined; readonly times?: number | undefined; }'. Did you mean to write 'clients'?`,
    ],
    ['TS2559', "Type '{ wihtin: string; }' has no properties in common with type 'Within'."],
    ['TS2322', `Type '"2 seconds"' is not assignable to type 'Duration | undefined'.`],
    ['TS2820', `Type '"clint"' is not assignable to type '"broker" | "client" | undefined'. Did you mean '"client"'?`],
    ['TS2345', `Argument of type '"server busi"' is not assignable to parameter of type 'RefusalName'.`],
    ['TS2322', "Type '3' is not assignable to type 'QoS | undefined'."],
    ['TS2493', "Tuple type 'readonly [DeviceHandle, DeviceHandle]' of length '2' has no element at index '2'."],
    ['TS2349', "This expression is not callable.\n  Type 'WillHandle' has no call signatures."],
    ['TS2801', "This condition will always return true since this 'Promise<number>' is always defined."],
    ['TS2365', "Operator '>' cannot be applied to types 'Promise<number>' and 'number'."],
    ['TS2365', "Operator '<' cannot be applied to types 'number' and 'Promise<number>'."],
    [
      'TS2367',
      `This comparison appears to be unintentional because the types 'Promise<DeviceStateName>' and '"online"' have no overlap.`,
    ],
    ['TS2678', "Type 'string' is not comparable to type 'Promise<DeviceStateName>'."],
    [
      'TS2488',
      "Type 'Promise<readonly ReceivedMessage[]>' must have a '[Symbol.iterator]()' method that returns an iterator.",
    ],
    [
      'TS7053',
      `Element implicitly has an 'any' type because expression of type '"pmup"' can't be used to index type '{ readonly pump: FleetHandle; }'.\n  Property 'pmup' does not exist on type '{ readonly pump: FleetHandle; }'.`,
    ],
    [
      'TS2339',
      "Property 'log' does not exist on type 'ScenarioContext<{ readonly pump: { readonly script: \"pump\"; }; }>'.",
    ],
    ['TS2322', "Type '6' is not assignable to type '3 | 4 | 5 | undefined'."],
    ['TS2345', "client has no 'keepAliv'; did you mean 'keepAlive'?"],
    ['await', "nobody waits for 'step'"],
  ])('where the script would fail in the middle of it: %s %s', (code, message) => {
    expect(refusesRun(mistake(code, message), api)).toBe(true)
  })

  it.each([
    ['TS2304', "Cannot find name 'InternalError'."],
    ['TS6133', "'unused' is declared but its value is never read."],
    ['TS7006', "Parameter 'p' implicitly has an 'any' type."],
    ['TS2532', "Object is possibly 'undefined'."],
    ['TS18048', "'m' is possibly 'undefined'."],
    // Words and numbers of which no more is known than what they are.
    ['TS2322', "Type 'number' is not assignable to type 'QoS | undefined'."],
    ['TS2322', "Type 'string' is not assignable to type 'readonly PacketName[] | PacketName | undefined'."],
    ['TS2345', "Argument of type 'DeviceHandle | undefined' is not assignable to parameter of type 'DeviceHandle'."],
    // What may be another thing when it runs.
    ['TS2339', "Property 'toBeOnline' does not exist on type 'ValueExpectations<any>'."],
    ['TS2339', "Property 'toReceive' does not exist on type 'ValueExpectations<DeviceHandle | Watch>'."],
    ['TS2339', "Property 'powerLoss' does not exist on type 'DeviceHandle | ScenarioClient'."],
    // The script's own.
    ['TS2322', "Type '3' is not assignable to type '1 | 2'."],
    [
      'TS7053',
      `Element implicitly has an 'any' type because expression of type '"c"' can't be used to index type '{ a: number; }'.\n  Property 'c' does not exist on type '{ a: number; }'.`,
    ],
    ['TS2339', "Property 'x' does not exist on type '{}'."],
    ['TS2339', "Property 'other' does not exist on type '{ pump: DeviceHandle; }'."],
    ['TS2551', "Property 'withn' does not exist on type '{ within: number; }'. Did you mean 'within'?"],
    ['TS2353', "Object literal may only specify known properties, and 'c' does not exist in type '{ a: number; }'."],
    ['TS2322', "Type 'string' is not assignable to type 'boolean'."],
    ['TS2322', `Type '"c"' is not assignable to type '"a" | "b"'.`],
    ['TS2801', 'This condition will always return true since this function is always defined.'],
    ['TS2365', "Operator '>' cannot be applied to types 'string' and 'number'."],
    ['TS2365', "Operator '>' cannot be applied to types '{ a: Promise<number>; }' and 'number'."],
    ['TS2367', "This comparison appears to be unintentional because the types '1' and '2' have no overlap."],
    ['TS2678', `Type '"a"' is not comparable to type '"b"'.`],
    ['TS2488', "Type 'Counter' must have a '[Symbol.iterator]()' method that returns an iterator."],
  ])('but not where it would work: %s %s', (code, message) => {
    expect(refusesRun(mistake(code, message), api)).toBe(false)
  })
})

describe('the advice for a mistake', () => {
  it.each([
    ['TS2339', "Property 'toGet' does not exist on type 'WatchExpectations'.", 'There is toReceive.'],
    [
      'TS2339',
      "Property 'toGet' does not exist on type 'WillExpectations'.",
      'There are toBePublished, notToBePublished.',
    ],
    [
      'TS2339',
      "Property 'pmup' does not exist on type '{ readonly pump: FleetHandle; readonly tank: FleetHandle; }'.",
      'There are pump, tank.',
    ],
    [
      'TS2345',
      `Argument of type '"busi"' is not assignable to parameter of type 'RefusalName'.`,
      "There are 'unspecified error', ",
    ],
    ['TS2322', "Type '3' is not assignable to type 'QoS | undefined'.", 'There are 0, 1, 2.'],
    [
      'TS2353',
      "Object literal may only specify known properties, and 'offfor' does not exist in type '{ readonly off?: Duration | undefined; readonly qos?: QoS | undefined; }'.",
      'There are off, qos.',
    ],
    [
      'TS2353',
      "Object literal may only specify known properties, and 'topics' does not exist in type 'HowOften & { readonly inOrder?: boolean | undefined; }'.",
      'There are exactly, atLeast, never, within, inOrder.',
    ],
    [
      'TS2353',
      `Object literal may only specify known properties, and 'packets' does not exist in type 'Pick<Which, "from">'.`,
      'There is from.',
    ],
    [
      'TS2353',
      `Object literal may only specify known properties, and 'packets' does not exist in type 'Omit<Which, "from" | "topic">'.`,
      'There are packet, packetId, nth, times, probability.',
    ],
    [
      'TS2801',
      "This condition will always return true since this 'Promise<number>' is always defined.",
      "Write 'await' before what gives it.",
    ],
    [
      'TS2493',
      "Tuple type 'readonly [DeviceHandle]' of length '1' has no element at index '1'.",
      "Give that group a larger 'count'",
    ],
  ])('of %s %s', (code, message, advice) => {
    const said = withAdvice(mistake(code, `${message}\n  more of it`), api)
    expect(said).toContain(`${message} ${advice}`)
    expect(said).not.toContain('\n')
  })

  it('is in other words for text that is no length of time', () => {
    const said = "'2sec' is no length of time: write a number of milliseconds, or text such as '250ms', '1.5s', '2m'"
    const option = `Type '"2sec"' is not assignable to type 'Duration | undefined'.`
    expect(withAdvice(mistake('TS2322', option), api)).toBe(said)
    const argument = `Argument of type '"2sec"' is not assignable to parameter of type 'Duration'.`
    expect(withAdvice(mistake('TS2345', argument), api)).toBe(said)
  })

  it('says what is imported and no part of the context, without the groups of a scenario', () => {
    const message = `Property 'log' does not exist on type 'ScenarioContext<{ readonly pump: { readonly count: 2; }; }>'.`
    const said = "Property 'log' does not exist on type 'ScenarioContext'."
    expect(withAdvice(mistake('TS2339', message), api)).toBe(`${said} Write: import { log } from 'faultline'`)
    const other = withAdvice(mistake('TS2339', message.replace('log', 'stepp')), api)
    expect(other).toMatch(/'ScenarioContext'. There are devices, fleets, .*, wait\.$/)
  })

  it('takes the place of what the compiler says in many lines, where there is any', () => {
    const option = mistake('TS2322', `Type '"2sec"' is not assignable to type 'Duration | undefined'.\n  more of it`)
    expect(inPlainWords(option, api).message).toMatch(/^'2sec' is no length of time: .*$/)
    const own = mistake('TS2322', "Type 'string' is not assignable to type 'number'.\n  more of it")
    expect(inPlainWords(own, api)).toBe(own)
  })

  it('is left out where the compiler gives it', () => {
    const message = "Property 'toRecieve' does not exist on type 'WatchExpectations'. Did you mean 'toReceive'?"
    expect(withAdvice(mistake('TS2551', message), api)).toBe(message)
  })

  it('knows what a type has from another, and the words of one that is written in lines', () => {
    const { members } = apiNames([
      "  export interface A {\n    readonly a?: 1\n  }\n  interface B extends A {\n    /** b */\n    b(): void\n    c<D>(): D\n  }\n  type E =\n    | 'e f'\n    | 'g'\n",
    ])
    expect(Object.fromEntries(members)).toEqual({ A: ['a'], B: ['b', 'c', 'a'], E: ["'e f'", "'g'"] })
  })
})
