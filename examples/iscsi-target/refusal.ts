/** A reason not to start that is no mistake of ours, in one sentence. */
export class Refusal extends Error {}
