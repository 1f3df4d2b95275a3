/**
 * Loads a part of the page when it is needed. A page that is opened from a file may not import modules, but it may add
 * script elements.
 */

const loaded = new Map<string, Promise<void>>();

/** Runs a script that lies beside the page, once. */
export function loadScript(file: string): Promise<void> {
  const before = loaded.get(file);
  if (before !== undefined) return before;
  const promise = new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = file;
    script.onload = () => resolve();
    script.onerror = () => {
      loaded.delete(file);
      script.remove();
      reject(new Error(`${file} could not be loaded`));
    };
    document.head.append(script);
  });
  loaded.set(file, promise);
  return promise;
}
