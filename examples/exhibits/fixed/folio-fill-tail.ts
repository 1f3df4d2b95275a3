export { fixed as default } from '../folio-fill-tail.ts';
