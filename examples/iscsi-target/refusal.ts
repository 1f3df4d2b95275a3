/** A reason not to start that is not a mistake in the target, in one sentence. */
export class Refusal extends Error {}
