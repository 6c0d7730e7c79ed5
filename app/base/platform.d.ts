/**
 * What every JavaScript host that runs this code offers (browser, Node, worker) though the language itself does not:
 * the Encoding standard's two classes. Nothing else of a platform may be used in `app`.
 */
declare global {
  class TextEncoder {
    encode(text: string): Uint8Array<ArrayBuffer>
  }
  class TextDecoder {
    constructor(label?: 'utf-8', options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean })
    decode(octets: Uint8Array): string
  }
}

export {}
