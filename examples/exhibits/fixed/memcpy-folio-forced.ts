export { fixed as default } from '../memcpy-folio-forced.ts';
