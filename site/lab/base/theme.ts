/**
 * Light or dark: as the system, or as the reader chose on this page.
 */

/** The choices, with what the page calls them. */
export const THEMES = { system: 'as the system', light: 'light', dark: 'dark' } as const;

export type Theme = keyof typeof THEMES;

const KEY = 'scatterlist-theme';

/** The theme with this name, or that of the system. */
export function themeNamed(name: string | null | undefined): Theme {
  return name === 'light' || name === 'dark' ? name : 'system';
}

/** What the reader chose before. A page from a file may have no storage. */
export function storedTheme(): Theme {
  try {
    return themeNamed(localStorage.getItem(KEY));
  } catch {
    return 'system';
  }
}

/** Applies a theme to the page. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Keeps the reader's choice for the next visit. */
export function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice holds until the page is closed.
  }
}
