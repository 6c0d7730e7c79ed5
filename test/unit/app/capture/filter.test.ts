import type { Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import type { Captured, CapturedPacket } from '../../../../app/capture/captured.ts'
import { compileFilter, completeFilter, parseFilter } from '../../../../app/capture/filter.ts'
import { event, packet } from '../../renderer/records.ts'

const names = {
  clientId: (connection: number) => (connection === 1 ? 'pump-01' : undefined),
  version: () => 4 as const,
}
const names5 = { ...names, version: () => 5 as const }

function matches(
  filter: string,
  record: Captured,
  who: Parameters<ReturnType<typeof compileFilter>['matches']>[1] = names,
): boolean {
  return compileFilter(filter).matches(record, who)
}

function publish(fields: Partial<Packet & { cmd: 'publish' }> = {}, at: Partial<CapturedPacket> = {}): CapturedPacket {
  const base = {
    cmd: 'publish',
    topic: 'plant/3/status',
    payload: 'offline',
    qos: 1,
    dup: true,
    retain: true,
    messageId: 19,
  } as const
  return packet({ ...base, ...fields }, at)
}

function errorOf(text: string) {
  const result = parseFilter(text)
  if ('filter' in result) throw new Error(`${text} was read`)
  return result.error
}

describe('a filter of packets', () => {
  it('puts all that it knows into one line', () => {
    const text =
      'client:pump-* type:publish,puback qos>=1 topic:plant/+/status dup retain payload~"offline" from:client bytes>20 id:19 and not malformed'
    expect(matches(text, publish())).toBe(true)
    expect(matches(text, publish({ qos: 0, dup: false }))).toBe(false)
    expect(matches(text, publish({ topic: 'plant/3/4/status' }))).toBe(false)
    expect(matches(text, publish({}, { direction: 'to client' }))).toBe(false)
    expect(matches(text, publish({}, { connection: 2 }))).toBe(false)
  })

  it.each([
    ['dup or type:puback retain', true, false, true],
    ['(dup or type:puback) retain', true, false, false],
    ['not dup retain', false, true, true],
    ['not (dup or retain)', false, true, false],
    ['NOT Dup AND rEtain', false, true, true],
  ])('%s binds as people read it', (text, dup, retain, expected) => {
    expect(matches(text, publish({ dup, retain }))).toBe(expected)
  })

  it('matches everything where it is empty', () => {
    expect(matches('  ', publish())).toBe(true)
    expect(matches('', event({ type: 'power loss', clientId: 'a' }))).toBe(true)
  })

  it.each([
    ['#', '$SYS/uptime', false],
    ['+/uptime', '$SYS/uptime', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['sport/#', 'sport', true],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+', '/finance', false],
    ['/+', '/finance', true],
    ['plant/3', 'plant/3/4', false],
  ])('topic:%s on %s as a subscription would: %s', (filter, topic, expected) => {
    expect(matches(`topic:${filter}`, publish({ topic }))).toBe(expected)
  })

  it('finds any topic of a SUBSCRIBE, and any code of a SUBACK', () => {
    const subscribe = packet({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [
        { topic: 'a', qos: 0 },
        { topic: 'b/c', qos: 1 },
      ],
    })
    expect(matches('topic:b/+', subscribe)).toBe(true)
    expect(matches('topic:c', subscribe)).toBe(false)
    const suback = packet({ cmd: 'suback', messageId: 1, granted: [0, 0x80] })
    expect(matches('code>=0x80', suback)).toBe(true)
    expect(matches('code:2', suback)).toBe(false)
  })

  it('takes a Reason Code that MQTT 5 lets be left out for 0', () => {
    const octets = Uint8Array.of(0x40, 2, 0, 1)
    const puback = packet({ cmd: 'puback', messageId: 1 }, { octets })
    expect(matches('code:0', puback, names5)).toBe(true)
    expect(matches('code:0', puback)).toBe(false)
  })

  it('knows the client of a CONNECT before anybody else does', () => {
    const connect = packet({ cmd: 'connect', clientId: 'new-7', clean: true, keepalive: 20 }, { connection: 9 })
    expect(matches('client:new-*', connect)).toBe(true)
    expect(matches('client:new-*', publish({}, { connection: 9 }))).toBe(false)
  })

  it('finds a CONNECT by Clean Session or Clean Start, which are one bit', () => {
    const connect = (clean: boolean) => packet({ cmd: 'connect', clientId: 'a', clean, keepalive: 20 })
    for (const word of ['clean-session', 'clean-start', 'Clean-Session']) {
      expect(matches(word, connect(true))).toBe(true)
      expect(matches(word, connect(true), names5)).toBe(true)
      expect(matches(word, connect(false))).toBe(false)
    }
    expect(matches('clean', connect(true))).toBe(false)
  })

  it('compares nothing with what a record does not have', () => {
    const ping = packet({ cmd: 'pingreq' })
    expect(matches('qos!=0', ping)).toBe(false)
    expect(matches('not qos:0', ping)).toBe(true)
  })

  it('sees no fields in what is malformed', () => {
    const noise = publish({}, { malformed: 'cut short' })
    expect(matches('malformed client:pump-01 from:client bytes>1', noise)).toBe(true)
    expect(matches('type:publish', noise)).toBe(false)
    expect(matches('offline', noise)).toBe(false)
    expect(matches('dup', noise)).toBe(false)
  })

  it('counts the octets on the wire, not those that were kept', () => {
    expect(matches('bytes:5000', publish({}, { length: 5000 }))).toBe(true)
  })

  it('tells capitals from small letters but where a pattern says not to', () => {
    expect(matches('payload~OFF', publish())).toBe(false)
    expect(matches('payload~/^OFF/i', publish())).toBe(true)
    expect(matches('payload:off', publish())).toBe(false)
    expect(matches('payload:offline', publish())).toBe(true)
  })

  it('looks for UTF-8 in the octets of a payload', () => {
    expect(matches('payload~"22 °C"', publish({ payload: Buffer.from([0xff, ...Buffer.from('22 °C')]) }))).toBe(true)
    expect(matches('payload~"23"', publish({ payload: Buffer.from('2223') }))).toBe(true)
    expect(matches('payload~aab', publish({ payload: Buffer.from('aaab') }))).toBe(true)
  })

  it('shows a pattern the first 64 KiB of a payload', () => {
    const long = (text: string) => publish({ payload: Buffer.from('a'.repeat(0xfffe) + text) })
    expect(matches('payload~/^a+b/', long('ab'))).toBe(true)
    expect(matches('payload~/b/', long('aab'))).toBe(false)
    expect(matches('payload~b', long('aab'))).toBe(true)
    expect(matches('payload~/^a+$/', long('aab'))).toBe(true)
    // Of a character that is cut off there nothing is seen.
    expect(matches('payload~/a$/', long('°C'))).toBe(false)
    expect(matches('payload~/°$/', long('°C'))).toBe(true)
    expect(matches('payload~/aa$/', long('a°C'))).toBe(true)
  })

  it('looks for a bare word in topic, client and payload', () => {
    for (const word of ['status', 'pump', 'offl', '"3/st"']) expect(matches(word, publish())).toBe(true)
    expect(matches('nowhere', publish())).toBe(false)
  })

  it('keeps an asterisk in quotes apart from any characters', () => {
    const star = { ...names, clientId: () => 'a*b' }
    const other = { ...names, clientId: () => 'axxb' }
    expect(matches('client:a*b', publish(), other)).toBe(true)
    expect(matches('client:"a\\*b"', publish(), other)).toBe(false)
    expect(matches('client:"a\\*b"', publish(), star)).toBe(true)
  })

  it('takes times with their units', () => {
    expect(matches('time>=1.5s time<2', publish({}, { time: 1.6e9 }))).toBe(true)
    expect(matches('time>1min', publish({}, { time: 1.6e9 }))).toBe(false)
  })
})

describe('a filter of events', () => {
  const closed = event({ type: 'closed', by: 'client', cause: 'rst' })
  const power = event({ type: 'power loss', clientId: 'pump-02' }, 5, 0)

  it('finds them by type, client and connection', () => {
    expect(matches('type:opened,closed,"power loss"', closed)).toBe(true)
    expect(matches('type:power-loss client:pump-02', power)).toBe(true)
    expect(matches('event conn:1 client:pump-01', closed)).toBe(true)
    expect(matches('type:event', closed)).toBe(true)
    expect(matches('type:publish', closed)).toBe(false)
  })

  it('finds none by what only packets have', () => {
    const will = event({ type: 'will published', clientId: 'pump-01', topic: 'plant/3/status', reason: 'offline' })
    for (const text of ['topic:#', 'qos>=0', 'bytes>=0', 'from:client', 'payload~""', 'dup', 'plant']) {
      expect([text, matches(text, will)]).toEqual([text, false])
    }
    expect(matches('will', will)).toBe(true)
  })
})

describe('a mistake in a filter', () => {
  it.each([
    ['client:pump qos>=', 17, 0, 'expected a number from 0 to 2 after "qos>="'],
    ['id:x', 3, 1, 'expected a number after "id:", not "x"'],
    ['qos:3', 4, 1, 'expected a number from 0 to 2 after "qos:", not "3"'],
    ['from:me', 5, 2, 'expected "client" or "broker" after "from:", not "me"'],
    ['type:publish,', 13, 0, 'expected a packet or event type after "type:publish,"'],
    ['time>2days', 5, 5, 'expected a time such as 90s or 1.5min after "time>", not "2days"'],
    ['(dup or retain', 14, 0, 'expected ")" for the "(" at character 1'],
    ['dup)', 3, 1, 'there is no "(" that this ")" could close'],
    ['dup and', 7, 0, 'expected a condition after "and"'],
    ['or dup', 0, 2, 'expected a condition, not "or"'],
    ['payload~"off', 8, 4, 'expected a closing quotation mark'],
    ['payload~/off', 8, 4, 'expected a "/" that ends the regular expression'],
    ['payload~/o/g', 8, 4, '"g" cannot stand here: the flags are i, m, s and u, each once'],
    ['qos~1', 3, 1, '"qos" cannot be compared with "~"; expected "=", "!=", "<", "<=", ">" or ">="'],
    ['qos>=1,2', 6, 1, '">=" takes one value'],
    ['topic:a/#/b', 6, 5, '"#" must be the whole of the last level [MQTT-4.7.1-2]'],
    ['topic:a+', 6, 2, '"+" must be the whole of a level [MQTT-4.7.1-3]'],
    ['!dup', 0, 4, 'write "not"; to look for this text put it in quotes'],
    ['dup && retain', 4, 2, 'write "and"; to look for this text put it in quotes'],
    ['client:a"b"', 8, 1, 'a quotation mark cannot stand in a word: put all of it in quotes, or a space before'],
  ])('%s is told where it is', (text, position, length, what) => {
    expect(errorOf(text)).toMatchObject({ position, length, message: `at character ${position + 1}: ${what}` })
  })

  it.each([
    [
      'payload~/a(?=b)/',
      10,
      3,
      '"(?=" looks around or changes flags, which a filter cannot: use several tests with "and"',
    ],
    ['payload~/(?<!b)/', 9, 4, '"(?<!" looks around or changes flags, which a filter cannot: use'],
    ['topic~b,/(a)\\1/', 12, 2, '"\\1" refers back to a group, which a filter cannot: write out what may stand there'],
    ['topic~/(?<n>a)\\k<n>/', 14, 5, '"\\k<n>" refers back to a group'],
    ['topic~/\\07/', 7, 3, '"\\07" is no escape that a filter reads: write the character as \\x'],
    ['client~/a{251}/', 7, 8, 'the regular expressions of this filter have more than 250 places'],
    ['client~/((a{99}){99}){99}/', 7, 19, 'the regular expressions of this filter have more than 250 places'],
    ['client~/(a{9999999}){0,9}/', 7, 19, 'the regular expressions of this filter have more than 250 places'],
    ['client~/a{130}/ or client~/b{130}/', 26, 8, 'the regular expressions of this filter have more than 250'],
  ])('%s would not be matched in a bounded time, or is not read', (text, position, length, what) => {
    expect(errorOf(text)).toMatchObject({ position, length })
    expect(errorOf(text).message).toContain(`at character ${position + 1}: ${what}`)
    expect(() => compileFilter(text)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
  })

  it('says which fields there are, and how to look for the text', () => {
    expect(errorOf('http://x').message).toMatch(/^at character 1: "http" is no field; expected "type", .*in quotes$/)
    expect(errorOf('topic:plant/*').message).toMatch(/"\*" is no wildcard of topics: use "\+"/)
    expect(errorOf('qos').message).toMatch(/^at character 4: expected "=", .* after "qos"; .*in quotes$/)
  })

  it('is an invalid argument for whoever wants a filter and nothing else', () => {
    const attempt = () => compileFilter('qos>=')
    expect(attempt).toThrow(FaultlineError)
    expect(attempt).toThrow('the filter cannot be read: at character 6: expected a number from 0 to 2 after "qos>="')
    try {
      attempt()
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid-argument', details: { position: 5, length: 0 } })
    }
  })

  it('is a nest that is too deep, and no crash', () => {
    expect(errorOf('('.repeat(5000)).message).toContain('nested more than 100 deep')
    expect(errorOf('not '.repeat(2000)).message).toContain('nested more than 100 deep')
    expect(errorOf(`payload~/${'('.repeat(4000)}${')'.repeat(4000)}/`).message).toContain('nested more than 100 deep')
    expect(errorOf('a'.repeat(20_000)).message).toContain('longer than 10000 characters')
  })
})

describe('completion', () => {
  const known = { clients: ['pump-01', 'pump 02', 'valve-01'], topics: ['plant/1/status', 'plant/+/status', 'plant/2'] }
  const offered = (text: string, cursor = text.length) => completeFilter(text, cursor, known).map((offer) => offer.text)

  it('offers fields, flags and "not" at the start', () => {
    const offers = completeFilter('', 0)
    expect(offers.map((offer) => offer.text)).toEqual(
      expect.arrayContaining(['type:', 'qos>=', 'payload~', 'dup', 'not ']),
    )
    expect(offers.every((offer) => offer.detail !== '')).toBe(true)
    expect(offered('')).not.toContain('and ')
  })

  it('offers what begins like the word', () => {
    expect(completeFilter('dup re', 6)).toMatchObject([{ text: 'retain', from: 4, to: 6 }])
  })

  it('offers Clean Session and Clean Start with their versions', () => {
    expect(completeFilter('clean', 5)).toMatchObject([
      { text: 'clean-session', detail: expect.stringContaining('(MQTT 3.1.1)') },
      { text: 'clean-start', detail: expect.stringContaining('(MQTT 5)') },
    ])
  })

  it('offers operators behind a field', () => {
    expect(completeFilter('from', 4)).toMatchObject([
      { text: ':', from: 4, to: 4 },
      { text: '!=', from: 4, to: 4 },
    ])
  })

  it('offers types, names and topics as values, in quotes where they need them', () => {
    expect(offered('type:publish,pub')).toEqual([
      'publish',
      'puback',
      'pubrec',
      'pubrel',
      'pubcomp',
      '"will published"',
    ])
    expect(offered('client:pu')).toEqual(['pump-01', '"pump 02"'])
    expect(completeFilter('client:"pump 0', 14, known)).toMatchObject([
      { text: '"pump 02"', from: 7, to: 14 },
      { text: '"', from: 14, to: 14 },
    ])
    expect(offered('topic:pl')).toEqual(['plant/1/status', 'plant/2'])
  })

  it('offers what a bare word may mean', () => {
    expect(offered('pump')).toEqual(['client:pump-01', 'client:"pump 02"'])
    expect(offered('publish')).toEqual(['type:publish'])
  })

  it('offers "and" and "or" behind a condition, and the bracket that is open', () => {
    expect(offered('(dup ')).toEqual(expect.arrayContaining(['and ', 'or ', ')', 'type:']))
    expect(offered('dup or ')).not.toContain('or ')
  })

  it('replaces the whole word in whose middle the cursor stands', () => {
    expect(completeFilter('type:pubxyz dup', 8)[0]).toMatchObject({ text: 'publish', from: 5, to: 11 })
    expect(completeFilter('tYp:publish', 2)).toMatchObject([{ text: 'type', from: 0, to: 3 }])
  })
})
