export { fixed as default } from '../module-gzip-end-pointer.ts';
