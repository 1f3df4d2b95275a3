/** What a killed target left behind: finished where its journal is complete, forgotten where it is not. */
import type { ImageFile } from './file.ts';
import type { Journal, JournalState } from './journal.ts';

/** Brings the image up to date and empties the journal; returns what was in it. */
export async function recover(journal: Journal, image: ImageFile): Promise<JournalState> {
  const state = await journal.state();
  if (state === 'complete') await journal.applyTo(image);
  await journal.begin();
  return state;
}
