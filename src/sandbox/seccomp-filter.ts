/**
 * System calls of Linux x64 that a child has no use for: the network, new processes, other
 * processes' memory, mounts, kernel interfaces. Numbers are those of the x86-64 table.
 */
const DENIED = {
  socket: 41,
  connect: 42,
  accept: 43,
  sendto: 44,
  bind: 49,
  listen: 50,
  socketpair: 53,
  accept4: 288,
  fork: 57,
  vfork: 58,
  execveat: 322,
  ptrace: 101,
  kcmp: 312,
  process_vm_readv: 310,
  process_vm_writev: 311,
  pidfd_open: 434,
  pidfd_getfd: 438,
  kill: 62,
  tkill: 200,
  setuid: 105,
  setgid: 106,
  personality: 135,
  mknod: 133,
  mknodat: 259,
  chroot: 161,
  pivot_root: 155,
  mount: 165,
  umount2: 166,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  mount_setattr: 442,
  name_to_handle_at: 303,
  open_by_handle_at: 304,
  unshare: 272,
  setns: 308,
  syslog: 103,
  acct: 163,
  settimeofday: 164,
  swapon: 167,
  reboot: 169,
  sethostname: 170,
  iopl: 172,
  ioperm: 173,
  init_module: 175,
  delete_module: 176,
  finit_module: 313,
  kexec_load: 246,
  quotactl: 179,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  ioprio_set: 251,
  perf_event_open: 298,
  fanotify_init: 300,
  seccomp: 317,
  memfd_create: 319,
  bpf: 321,
  userfaultfd: 323,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
} as const;

const CLONE = 56;
const CLONE3 = 435;
const CLONE_THREAD = 0x1_0000;
const X32_CALLS = 0x4000_0000;
const ARCH_X86_64 = 0xc000_003e;
const EPERM = 1;
const ENOSYS = 38;

/**
 * `struct seccomp_data`: the call's number, the architecture, and the low half of the first
 * argument.
 */
const AT = { number: 0, architecture: 4, firstArgument: 16 } as const;
/** Classic BPF: load a word, jump if equal, if any bit is set, if not below; return. */
const OP = { load: 0x20, ifEqual: 0x15, ifSet: 0x45, ifAtLeast: 0x35, return: 0x06 } as const;
const RETURN = {
  allow: 0x7fff_0000,
  kill: 0x8000_0000,
  error: (code: number) => 0x0005_0000 + code,
} as const;
const INSTRUCTION_BYTES = 8;

type Instruction = readonly [op: number, ifTrue: number, ifFalse: number, operand: number];

/** The filter as the kernel takes it, for `bwrap --seccomp`. Threads may be made, processes not. */
export function seccompFilter(): Buffer {
  const answer = (value: number): Instruction => [OP.return, 0, 0, value];
  const deny = (number: number, code: number): Instruction[] => [
    [OP.ifEqual, 0, 1, number],
    answer(RETURN.error(code)),
  ];
  return encode([
    [OP.load, 0, 0, AT.architecture],
    [OP.ifEqual, 1, 0, ARCH_X86_64],
    answer(RETURN.kill),
    [OP.load, 0, 0, AT.number],
    [OP.ifAtLeast, 0, 1, X32_CALLS],
    answer(RETURN.kill),
    ...Object.values(DENIED).flatMap((number) => deny(number, EPERM)),
    // Told that it does not exist, glibc takes the older call, whose flags can be looked at.
    ...deny(CLONE3, ENOSYS),
    [OP.ifEqual, 0, 3, CLONE],
    [OP.load, 0, 0, AT.firstArgument],
    [OP.ifSet, 1, 0, CLONE_THREAD],
    answer(RETURN.error(EPERM)),
    answer(RETURN.allow),
  ]);
}

function encode(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * INSTRUCTION_BYTES);
  for (const [index, [op, ifTrue, ifFalse, operand]] of instructions.entries()) {
    const at = index * INSTRUCTION_BYTES;
    bytes.writeUInt16LE(op, at);
    bytes.writeUInt8(ifTrue, at + 2);
    bytes.writeUInt8(ifFalse, at + 3);
    bytes.writeUInt32LE(operand, at + 4);
  }
  return bytes;
}
