/** Dark, light, or as the system has it; charts, which are canvas, ask here for colours. */
import { computed, signal } from '@preact/signals';

export type Theme = 'system' | 'dark' | 'light';

const KEY = 'logweir.theme';
const stored = localStorage.getItem(KEY);
const system = matchMedia('(prefers-color-scheme: light)');
const systemLight = signal(system.matches);
system.addEventListener('change', ({ matches }) => {
  systemLight.value = matches;
});

export const theme = signal<Theme>(stored === 'dark' || stored === 'light' ? stored : 'system');

/** What is shown. */
export const shownTheme = computed<'dark' | 'light'>(() => {
  if (theme.value !== 'system') return theme.value;
  return systemLight.value ? 'light' : 'dark';
});

export function setTheme(next: Theme): void {
  if (next === 'system') {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEY, next);
    document.documentElement.dataset.theme = next;
  }
  theme.value = next;
}

/** The other one than is shown. */
export const toggleTheme = (): void => setTheme(shownTheme.value === 'dark' ? 'light' : 'dark');

/** The value of a design token, such as `--error`. */
export const tokenValue = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
