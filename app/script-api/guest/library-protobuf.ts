import protobuf from 'protobufjs'
import type { WorkspaceFile } from '../crossing.ts'
import { fromMessage, toMessage } from './protobuf-values.ts'

/**
 * The bundle `guest-protobuf.js`: evaluated in the sandbox of a device that uses `protobuf`. protobufjs turns a schema,
 * which comes from a stranger, into functions that it compiles; nowhere else may that happen.
 */

export interface MessageType {
  readonly name: string
  encode(value: unknown): Uint8Array
  decode(octets: Uint8Array): unknown
}

export interface Schema {
  readonly messages: readonly string[]
  message(name: string): MessageType
}

/** So many files can a schema have. */
const mostFiles = 100

const { common, parse, Root, Type } = protobuf

/**
 * @param file path from the workspace's folder
 * @throws Error naming the file, and the line where there is one
 */
export function load(file: string, read: (path: string) => WorkspaceFile): Schema {
  const root = new Root()
  const seen = new Set<string>()
  include([file], (why) => `${file} ${why}`)
  naming(file, () => root.resolveAll())
  const types = typesIn(root)
  return {
    messages: types.map(fullName),
    message: (name) => messageOf(find(types, name, file)),
  }

  /** Takes the first of these files that there is. */
  function include(places: readonly string[], complaint: (why: string) => string): void {
    let refused = ''
    for (const path of places) {
      if (seen.has(path)) return
      const found = read(path)
      if ('text' in found) {
        take(path, found.text)
        return
      }
      refused = found.refused
    }
    throw new Error(complaint(refused))
  }

  function take(path: string, text: string): void {
    if (seen.size >= mostFiles) throw new Error(`${file} imports more than ${mostFiles} files`)
    seen.add(path)
    // What its errors name; its types do not know of it.
    Object.assign(parse, { filename: path })
    const { imports, weakImports } = naming(path, () => parse(text, root, { keepCase: true }))
    for (const name of [...(imports ?? []), ...(weakImports ?? [])]) {
      const own = common.get(name)
      if (own === null) {
        include(placesOf(path, name), (why) => `${path} imports '${name}', which ${why}`)
      } else if (!seen.has(name)) {
        seen.add(name)
        root.addJSON(own.nested ?? {})
      }
    }
  }
}

/** Not every error of the library says in which file it is. */
function naming<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'InternalError' || error.message.includes(path)) throw error
    throw new Error(`${path}: ${error.message}`)
  }
}

/** protoc is told in which folders to look; here it is that of the importing file, then each one above. */
function placesOf(from: string, name: string): string[] {
  const folders = from.split('/').slice(0, -1)
  return Array.from({ length: folders.length + 1 }, (_, up) =>
    [...folders.slice(0, folders.length - up), name].join('/'),
  )
}

function typesIn(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    const inner = nested instanceof protobuf.Namespace || nested instanceof Type ? typesIn(nested) : []
    return nested instanceof Type ? [nested, ...inner] : inner
  })
}

function fullName(type: protobuf.Type): string {
  return type.fullName.slice(1)
}

function find(types: readonly protobuf.Type[], name: string, file: string): protobuf.Type {
  const exact = types.find((type) => fullName(type) === name)
  if (exact !== undefined) return exact
  const [found, other] = types.filter((type) => fullName(type).endsWith(`.${name}`))
  const names = types.map((type) => `'${fullName(type)}'`).join(', ')
  if (found === undefined) throw new Error(`${file} has no message '${name}'; it has ${names || 'none'}`)
  if (other !== undefined) throw new Error(`${file} has more than one message '${name}'; write its full name: ${names}`)
  return found
}

function messageOf(type: protobuf.Type): MessageType {
  const name = fullName(type)
  return {
    name,
    encode: (value) => type.encode(toMessage(type, value, name)).finish(),
    decode: (octets) => fromMessage(type, type.decode(octets)),
  }
}
