/**
 * The link to a state of the laboratory: everything is in the part behind `#`, which no server sees.
 *
 * `#example=NAME` opens an example; `#v1=…` carries a program, its configuration and a schedule.
 */
import type { Reply } from './session/messages.ts';
import type { Configuration, ProgramText } from './session/program.ts';

/** What a link carries. */
export type Shared =
  | { readonly kind: 'example'; readonly name: string; readonly schedule: string | undefined }
  | {
      readonly kind: 'program';
      readonly program: ProgramText;
      readonly configuration: Configuration;
      readonly schedule: string | undefined;
    };

/** Makes the part of a link behind its address, with `#`. */
export type EncodeShare = (shared: Shared) => Promise<string>;

/** Reads it: `undefined` if there is nothing, and one clear line if it is damaged. */
export type DecodeShare = (hash: string) => Promise<Reply<Shared> | undefined>;
