import type { Encoding, ProtobufSchema } from 'faultline'
import type { WorkspaceFile } from '../crossing.ts'
import { mistake, shown } from '../mistake.ts'
import type { OpenLibrary } from './libraries.ts'
import { checkOctets } from './octets.ts'

/**
 * `cbor` and `protobuf` as a script has them. Their libraries are evaluated in this sandbox when they are first used:
 * what they do with a stranger's octets and schemas happens under the device's own limits.
 */
export function createEncodings(
  open: OpenLibrary,
  read: (path: string) => WorkspaceFile,
): {
  readonly cbor: Encoding
  readonly protobuf: (file: string) => ProtobufSchema
} {
  return {
    cbor: encoding('cbor', () => open('cbor')),
    protobuf(file) {
      if (typeof file !== 'string') throw mistake(`protobuf needs the path of a .proto file, not ${shown(file)}`)
      const schema = inWords('protobuf', () => open('protobuf').load(file, read))
      return Object.freeze({
        messages: Object.freeze([...schema.messages]),
        message(name: string) {
          const type = inWords('protobuf', () => schema.message(name))
          return Object.freeze({ name: type.name, ...encoding(type.name, () => type) })
        },
      })
    },
  }
}

interface Codec {
  encode(value: unknown): Uint8Array
  decode(octets: Uint8Array): unknown
}

function encoding(name: string, codec: () => Codec): Encoding {
  return Object.freeze({
    encode: (value: unknown) => inWords(`${name}.encode`, () => codec().encode(value)),
    decode(octets: Uint8Array | ArrayBuffer) {
      const checked = checkOctets(`${name}.decode`, octets)
      return inWords(`${name}.decode`, () => codec().decode(checked))
    },
  })
}

/** What a library throws is a mistake of the script, or of who sent it octets; what QuickJS throws at a limit stays. */
function inWords<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'InternalError') throw error
    throw mistake(`${what}: ${error.message}`)
  }
}
