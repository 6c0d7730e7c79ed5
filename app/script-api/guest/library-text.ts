import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** Put by the bundler in the place of what a library takes for granted and the sandbox does not have. */

export class TextEncoder {
  encode(text = ''): Uint8Array {
    return encodeUtf8(text)
  }
}

export class TextDecoder {
  decode(octets: Uint8Array = new Uint8Array()): string {
    return decodeUtf8(octets)
  }
}
