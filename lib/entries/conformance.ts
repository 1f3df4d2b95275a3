/** The conformance suite for backends, independent of the test runner. */
export { conformance } from '../conformance/conformance.ts';
export type { MakeBackend, Runner, Subject } from '../conformance/subject.ts';
