/** The laboratory: designs of mapping APIs as facades, the jobs that they are given, experiments. */
export { FacadeRefusal, defineFacade, failCall, failNone } from '../lab/define-facade.ts';
export type { Facade, FacadeEnv, FacadeSpec, Faults } from '../lab/define-facade.ts';
