export { fixed as default } from '../mvsas-response.ts';
