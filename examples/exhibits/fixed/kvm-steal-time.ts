export { fixed as default } from '../kvm-steal-time.ts';
