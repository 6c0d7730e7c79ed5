import { editor, MarkerSeverity, Uri } from 'monaco-editor/editor'
import type { ScriptDocuments } from '../../../state/script-documents.ts'
import { scriptLanguage } from './language.ts'

/** Where and why a script failed on a device. */
export interface ScriptFailure {
  readonly device: string
  readonly message: string
  readonly line: number | undefined
  readonly column: number | undefined
}

const markerOwner = 'device'

/** One text for each script that was opened. They outlive the editor, and with them what can be undone. */
export class ScriptModels {
  readonly #documents: ScriptDocuments
  readonly #models = new Map<string, editor.ITextModel>()

  constructor(documents: ScriptDocuments) {
    this.#documents = documents
    documents.onReplaced((path) => this.#replace(path))
  }

  /** The script's text; undefined until it was read. */
  get(path: string): editor.ITextModel | undefined {
    const known = this.#models.get(path)
    const document = this.#documents.get(path)
    if (known !== undefined || document === undefined || document.state !== 'ready') return known
    const model = editor.createModel(document.text, languageOf(path), Uri.parse(`file:///${path}`))
    const bracketColorizationOptions = { enabled: false, independentColorPoolPerBracketType: false }
    model.updateOptions({ tabSize: 2, insertSpaces: true, bracketColorizationOptions })
    model.onDidChangeContent(() => this.#documents.edit(path, textOf(model)))
    this.#models.set(path, model)
    return model
  }

  /** Marks the lines at which the script failed. */
  mark(path: string, failures: readonly ScriptFailure[]): void {
    const model = this.#models.get(path)
    if (model !== undefined) {
      editor.setModelMarkers(
        model,
        markerOwner,
        failures.map((failure) => toMarker(model, failure)),
      )
    }
  }

  /** Shows what was read anew, as one edit that can be undone. */
  #replace(path: string): void {
    const model = this.#models.get(path)
    const document = this.#documents.get(path)
    if (model === undefined || document === undefined || textOf(model) === document.text) return
    model.pushStackElement()
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text: document.text }], () => null)
    model.pushStackElement()
  }
}

/** Schemas and tables of a workspace are no programs. */
function languageOf(path: string): string {
  return path.endsWith('.ts') ? scriptLanguage : 'plaintext'
}

/** With a byte order mark, where the file has one: saving must not change what nobody touched. */
function textOf(model: editor.ITextModel): string {
  return model.getValue(undefined, true)
}

function toMarker(model: editor.ITextModel, failure: ScriptFailure): editor.IMarkerData {
  const line = Math.min(Math.max(failure.line ?? 1, 1), model.getLineCount())
  const word =
    failure.column === undefined ? null : model.getWordAtPosition({ lineNumber: line, column: failure.column })
  return {
    severity: MarkerSeverity.Error,
    message: failure.message,
    source: failure.device,
    startLineNumber: line,
    endLineNumber: line,
    startColumn: word?.startColumn ?? Math.max(1, model.getLineFirstNonWhitespaceColumn(line)),
    endColumn: word?.endColumn ?? model.getLineMaxColumn(line),
  }
}
