export { fixed as default } from '../iscsi-target-map-iovec.ts';
