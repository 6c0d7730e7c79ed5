import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { load } from '../../../../../app/script-api/guest/library-protobuf.ts'

const plant = `
  syntax = "proto3";
  package plant.v1;
  enum State { IDLE = 0; RUNNING = 1; FAULT = 7; }
  message Reading {
    double celsius = 1;
    State state = 2;
    int32 small = 3;
    uint64 count = 4;
    sint64 offset = 5;
    optional string note = 6;
    bytes raw = 7;
    repeated uint32 samples = 8;
    map<string, int32> marks = 9;
    map<int64, bool> seen = 10;
    oneof cause { string reason = 11; int32 code = 12; }
    Position at = 13;
    repeated Position way = 14;
    bool on = 15;
    message Position { float x = 1; float y = 2; }
  }`

function schema(files: Record<string, string>, file = 'schemas/plant.proto') {
  const read: string[] = []
  const loaded = load(file, (path) => {
    read.push(path)
    const text = files[path]
    return text === undefined ? { refused: 'does not exist' } : { text }
  })
  return { ...loaded, read }
}

const Reading = schema({ 'schemas/plant.proto': plant }).message('Reading')
/** The same schema as protobufjs has it when nobody stands in between. */
const theirs = protobuf.parse(plant, { keepCase: true }).root.lookupType('plant.v1.Reading')

describe('a message of Protocol Buffers', () => {
  it('is on the wire what the schema says', () => {
    const octets = Reading.encode({ celsius: 21.5, state: 'RUNNING', samples: [1, 300], note: '' })
    expect(Buffer.from(octets).toString('hex')).toBe('09000000000080354010013200420301ac02')
  })

  it('has what is not set left out where the schema can tell, and its default otherwise', () => {
    expect(Reading.decode(new Uint8Array())).toEqual({
      celsius: 0,
      state: 'IDLE',
      small: 0,
      count: 0,
      offset: 0,
      raw: new Uint8Array(),
      samples: [],
      marks: {},
      seen: {},
      way: [],
      on: false,
    })
  })

  it('has integers of 64 bits as they are, exactly', () => {
    const most = 2n ** 64n - 1n
    const message = { count: most, offset: '-9223372036854775808', seen: { '-5': true, '9007199254740993': false } }
    expect(Reading.decode(Reading.encode(message))).toMatchObject({ ...message, offset: -(2n ** 63n) })
    expect(Reading.decode(Reading.encode({ count: 2 ** 53 - 1 }))).toMatchObject({ count: 2 ** 53 - 1 })
    expect(Reading.decode(Reading.encode({ count: 2n ** 53n }))).toMatchObject({ count: 2n ** 53n })
  })

  it('has an enum as a number where the schema has no name for it', () => {
    expect(Reading.decode(Reading.encode({ state: 7 }))).toMatchObject({ state: 'FAULT' })
    expect(Reading.decode(Reading.encode({ state: 5 }))).toMatchObject({ state: 5 })
  })

  it('comes back as it was, and is what protobufjs alone would send', () => {
    const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const text = fc.string({ unit: 'grapheme' })
    const position = fc.record({ x: fc.float({ noNaN: true }), y: fc.float({ noNaN: true }) })
    const value = fc.record({
      celsius: fc.double({ noNaN: true }),
      state: fc.constantFrom('IDLE', 'RUNNING', 'FAULT'),
      small: int32,
      count: fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      offset: fc.integer(),
      raw: fc.uint8Array(),
      samples: fc.array(fc.nat()),
      marks: fc.dictionary(text, int32),
      seen: fc.dictionary(fc.integer().map(String), fc.boolean()),
      on: fc.boolean(),
      way: fc.array(position),
      at: position,
      note: text,
      reason: text,
    })
    fc.assert(
      fc.property(value, (original) => {
        const octets = Reading.encode(original)
        expect(Reading.decode(octets)).toEqual(original)
        const plain = { ...original, count: String(original.count), raw: Buffer.from(original.raw).toString('base64') }
        expect(Buffer.from(octets)).toEqual(Buffer.from(theirs.encode(theirs.fromObject(plain)).finish()))
      }),
    )
  })

  it.each([
    [{ celcius: 1 }, "plant.v1.Reading has no field 'celcius'; it has 'celsius', 'state'"],
    [{ celsius: '1' }, "plant.v1.Reading.celsius must be a number, not '1'"],
    [{ state: 'BROKEN' }, "plant.v1.Reading.state must be a value of State: 'IDLE', 'RUNNING', 'FAULT', not 'BROKEN'"],
    [
      { small: 2 ** 31 },
      'plant.v1.Reading.small must be a whole number from -2147483648 to 2147483647, not 2147483648',
    ],
    [{ small: 1.5 }, 'not 1.5'],
    [{ count: -1 }, 'plant.v1.Reading.count must be a whole number from 0 to 18446744073709551615, not -1'],
    [{ raw: 'AQ==' }, "plant.v1.Reading.raw must be octets (Uint8Array), not 'AQ=='"],
    [{ samples: 5 }, 'plant.v1.Reading.samples must be a list, not 5'],
    [{ samples: [1, 'x'] }, 'plant.v1.Reading.samples[1] must be a whole number'],
    [{ marks: { a: 'b' } }, "plant.v1.Reading.marks['a'] must be a whole number"],
    [{ seen: { x: true } }, "the key 'x' of plant.v1.Reading.seen must be a whole number"],
    [{ way: [{ z: 1 }] }, "plant.v1.Reading.way[0] has no field 'z'; it has 'x', 'y'"],
    [{ at: 5 }, 'plant.v1.Reading.at must be an object, not 5'],
    [{ on: 1 }, 'plant.v1.Reading.on must be true or false, not 1'],
    [{ reason: 'a', code: 1 }, "plant.v1.Reading can have only one of 'reason', 'code': they are one 'cause'"],
    [[], 'plant.v1.Reading must be an object, not a list'],
  ])('refuses %j in words', (value, message) => {
    expect(() => Reading.encode(value)).toThrow(message)
  })

  it('cannot be read from octets that are something else', () => {
    expect(() => Reading.decode(new Uint8Array([0x09, 1, 2]))).toThrow('index out of range')
    expect(() => Reading.decode(new TextEncoder().encode('{"celsius":20}'))).toThrow()
  })

  it('of proto2 needs what is required', () => {
    const old = 'syntax = "proto2"; message Old { required int32 id = 1; optional int32 level = 2 [default = 5]; }'
    const Old = schema({ 'schemas/plant.proto': old }).message('Old')
    expect(() => Old.encode({})).toThrow("Old needs its field 'id'")
    expect(Old.decode(Old.encode({ id: 3 }))).toEqual({ id: 3 })
  })
})

describe('a schema', () => {
  it('may import files that lie beside it, or in a folder above, and those of Google', () => {
    const { message, messages, read } = schema({
      'schemas/plant.proto': `syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "parts/valve.proto";
        message Plant { google.protobuf.Timestamp since = 1; parts.Valve valve = 2; }`,
      'schemas/parts/valve.proto':
        'syntax = "proto3"; package parts; import "parts/unit.proto"; import "plant.proto"; message Valve { Unit unit = 1; }',
      'schemas/parts/unit.proto': 'syntax = "proto3"; package parts; message Unit { string name = 1; }',
    })
    const Plant = message('Plant')
    const value = { since: { seconds: 1773000000, nanos: 5 }, valve: { unit: { name: 'bar' } } }
    expect(Plant.decode(Plant.encode(value))).toEqual(value)
    expect([...messages].sort()).toEqual(['Plant', 'google.protobuf.Timestamp', 'parts.Unit', 'parts.Valve'])
    expect(read).toEqual([
      'schemas/plant.proto',
      'schemas/parts/valve.proto',
      'schemas/parts/parts/unit.proto',
      'schemas/parts/unit.proto',
      'schemas/parts/plant.proto',
    ])
  })

  it.each([
    [{}, 'schemas/plant.proto does not exist'],
    [
      { 'schemas/plant.proto': 'syntax = "proto3";\nimport "gone.proto";' },
      "schemas/plant.proto imports 'gone.proto', which does not exist",
    ],
    [{ 'schemas/plant.proto': 'syntax = "proto3";\nmessage A {\n  int32 = 1;\n}' }, '(schemas/plant.proto, line 3)'],
    [{ 'schemas/plant.proto': 'syntax = "proto3"; message A { Unknown a = 1; }' }, "no such Type or Enum 'Unknown'"],
    [{ 'schemas/plant.proto': 'syntax = "proto3"; message A { Unknown a = 1; }' }, /^schemas\/plant\.proto: no such/],
    [
      { 'schemas/plant.proto': 'message A { optional int32 a = 1; optional int32 b = 1; }' },
      /schemas\/plant\.proto.*duplicate id 1/,
    ],
    [
      {
        'schemas/plant.proto': 'import "b.proto";',
        'schemas/b.proto': 'message B { optional int32 a = 1; optional int32 a = 2; }',
      },
      /schemas\/b\.proto/,
    ],
  ])('of %j says: %s', (files, message) => {
    expect(() => schema(files)).toThrow(message)
  })

  it('names its messages when it is asked for another one', () => {
    const { message } = schema({
      'schemas/plant.proto': 'syntax = "proto3"; message A { message X { } } message B { message X { } }',
    })
    expect(() => message('C')).toThrow("schemas/plant.proto has no message 'C'; it has 'A', 'A.X', 'B', 'B.X'")
    expect(() => message('X')).toThrow("schemas/plant.proto has more than one message 'X'; write its full name:")
    expect(message('B.X').name).toBe('B.X')
  })
})
