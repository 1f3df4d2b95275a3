/**
 * user-pointer: An ioctl copies to the address in its argument without a look at where it points.
 */
import type { Machine } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { AddressSpace, UserSpace } from 'scatterlist/machine';

/** A user with one page at 0x8000. */
function userWith(machine: Machine): UserSpace {
  const user = new UserSpace(machine);
  user.map(0x8000, machine.allocPage({ zone: 'highmem' }));
  return user;
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ user: userWith(machine) }),
  tasks: {
    *driver({ task, user }) {
      const argument = 0x8000; // the argument of an ioctl
      new AddressSpace(task).store32(argument, 1); // copy_to_user is the function for it
      return user;
    },
  },
});
