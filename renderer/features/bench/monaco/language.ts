import { languages } from 'monaco-editor/editor'
import { conf, language } from 'monaco-editor/languages/definitions/typescript/typescript'
import { ModuleKind, ScriptTarget, typescriptDefaults } from 'monaco-editor/languages/features/typescript/register'
import { scriptCompilerOptions } from '../../../../app/script-api/compiler-options.ts'

export const scriptLanguage = 'typescript'

/** All that a script may import, each file under its own name, because they refer to one another. */
const scriptApi = import.meta.glob<string>('../../../../app/script-api/*.d.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** Teaches Monaco what a script is: TypeScript that may import `faultline`, and knows no platform. */
export function registerScriptLanguage(): void {
  languages.register({ id: scriptLanguage, extensions: ['.ts'], aliases: ['TypeScript'] })
  languages.setLanguageConfiguration(scriptLanguage, conf)
  languages.setMonarchTokensProvider(scriptLanguage, withFunctions())
  typescriptDefaults.setCompilerOptions(inNumbers(scriptCompilerOptions))
  typescriptDefaults.setDiagnosticsOptions({ noSemanticValidation: false, noSyntaxValidation: false })
  typescriptDefaults.setEagerModelSync(true)
  for (const [path, text] of Object.entries(scriptApi)) {
    typescriptDefaults.addExtraLib(text, `file:///${path.slice(path.lastIndexOf('/') + 1)}`)
  }
}

const modules = new Map<string, { readonly text: string; dispose(): void }>()

/** What scripts can import of the workspace, path to text, whether it is open in the editor or not. */
export function setModules(texts: ReadonlyMap<string, string>): void {
  for (const [path, known] of modules) {
    if (texts.get(path) === known.text) continue
    known.dispose()
    modules.delete(path)
  }
  for (const [path, text] of texts) {
    if (modules.has(path)) continue
    // An open one has a text of its own under this address, which comes first.
    const library = typescriptDefaults.addExtraLib(text, `file:///${path}`)
    modules.set(path, { text, dispose: () => library.dispose() })
  }
}

/** TypeScript's own numbers of what Monaco's enumerations leave out. */
const moduleResolutions = { bundler: 100 }
const moduleDetections = { force: 3 }

/** The language service takes numbers where a `tsconfig.json` has words. */
function inNumbers({ target, module, moduleResolution, moduleDetection, ...options }: typeof scriptCompilerOptions) {
  return {
    ...options,
    lib: [...options.lib],
    types: [...options.types],
    target: { esnext: ScriptTarget.ESNext }[target],
    module: { esnext: ModuleKind.ESNext }[module],
    moduleResolution: moduleResolutions[moduleResolution],
    moduleDetection: moduleDetections[moduleDetection],
    allowNonTsExtensions: true,
  }
}

/** Monaco's own tokens, with a name of their own for what is called; a keyword after a dot is no keyword. */
function withFunctions(): languages.IMonarchLanguage {
  const name = /#?[a-z_$][\w$]*(?=\s*\()/
  const common: languages.IMonarchLanguageRule[] = [
    [/(\.)([a-zA-Z_$][\w$]*)(?=\s*\()/, ['delimiter', 'function']],
    [/(\.)([a-zA-Z_$][\w$]*)/, ['delimiter', 'identifier']],
    [name, { cases: { '@keywords': 'keyword', '@default': 'function' } }],
    ...(language.tokenizer['common'] ?? []),
  ]
  return { ...language, tokenizer: { ...language.tokenizer, common } }
}
