import { expect, it } from 'vitest'
import { tabSwitchKeyOf } from '../../../../../renderer/features/bench/tab-switch-key.ts'

it('names the key that VS Code has there', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36'
  expect(tabSwitchKeyOf(`Mozilla/5.0 (X11; Linux x86_64) ${chrome}`)).toBe('Ctrl+M')
  expect(tabSwitchKeyOf(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome}`)).toBe('Ctrl+M')
  expect(tabSwitchKeyOf(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${chrome}`)).toBe('Ctrl+Shift+M')
})
