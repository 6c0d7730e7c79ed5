import { Store } from './store.ts'

export const themeChoices = ['dark', 'light', 'system'] as const
export type ThemeChoice = (typeof themeChoices)[number]
export type Theme = 'dark' | 'light'

const storageKey = 'faultline.theme'

/** What the user chose, remembered on this machine, and the theme that follows from it. */
export class ThemeSetting {
  readonly #page: Window
  readonly #systemIsLight: MediaQueryList
  readonly choice: Store<ThemeChoice>
  readonly theme: Store<Theme>

  constructor(page: Window) {
    this.#page = page
    this.#systemIsLight = page.matchMedia('(prefers-color-scheme: light)')
    this.choice = new Store(readChoice(page.localStorage.getItem(storageKey)))
    this.theme = new Store(this.#resolve())
    this.#apply()
    this.#systemIsLight.addEventListener('change', () => this.#apply())
  }

  choose(choice: ThemeChoice): void {
    this.choice.set(choice)
    this.#page.localStorage.setItem(storageKey, choice)
    this.#apply()
  }

  #resolve(): Theme {
    if (this.choice.value !== 'system') return this.choice.value
    return this.#systemIsLight.matches ? 'light' : 'dark'
  }

  #apply(): void {
    // The colours first: whoever draws with them hears of the theme when they are in place.
    this.#page.document.documentElement.dataset['theme'] = this.#resolve()
    this.theme.set(this.#resolve())
  }
}

function readChoice(stored: string | null): ThemeChoice {
  return themeChoices.find((choice) => choice === stored) ?? 'system'
}
