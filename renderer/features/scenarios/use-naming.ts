import { useCallback, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { Call } from '../../state/script-documents.ts'
import { fileNameOf } from './scenario-words.ts'

/** A scenario that is about to be written under a name. */
export interface Naming {
  readonly name: string
  readonly rename: (name: string) => void
  /** Without folder and ending; empty where the name gives none. */
  readonly file: string
  /** Why it could not be made. */
  readonly problem: string | undefined
  readonly refuse: (error: unknown) => void
  readonly create: (text: string) => Promise<void>
}

export function useNaming(first: string, call: Call, onCreated: (path: string) => void): Naming {
  const [name, setName] = useState(first)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const file = fileNameOf(name)
  const refuse = useCallback((error: unknown) => setProblem(messageOf(error)), [])
  return {
    name,
    rename: (next) => {
      setName(next)
      setProblem(undefined)
    },
    file,
    problem,
    refuse,
    create: async (text) => {
      try {
        onCreated((await call('scenarios.create', { name: file, text })).path)
      } catch (error) {
        refuse(error)
      }
    },
  }
}
