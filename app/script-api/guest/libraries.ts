import type { Host, LibraryName } from '../crossing.ts'
import type * as CborLibrary from './library-cbor.ts'
import type * as DataLibrary from './library-data.ts'
import type * as ProtobufLibrary from './library-protobuf.ts'

interface Libraries {
  readonly cbor: typeof CborLibrary
  readonly data: typeof DataLibrary
  readonly protobuf: typeof ProtobufLibrary
}

/** Gives a library, which is evaluated in this sandbox when it is first asked for. */
export type OpenLibrary = <N extends LibraryName>(name: N) => Libraries[N]

export function createLibraries(host: Pick<Host, 'library'>): OpenLibrary {
  const opened: Partial<Libraries> = {}
  return <N extends LibraryName>(name: N) => {
    opened[name] ??= host.library(name) as Libraries[N]
    return opened[name] as Libraries[N]
  }
}
