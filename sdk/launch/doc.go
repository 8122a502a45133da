// Package launch starts the process of a plugin, shakes hands with it and ends
// it. A host and the conformance kit start plugins with it; a plugin's author
// never does. It never asks a plugin anything but the handshake, and never
// starts one again.
//
// What a process can rely on:
//   - The variable HEADWATCH_LIFELINE is 1, and file descriptor 3 is the read end
//     of a pipe. The pipe ends when the host is gone, however it died.
//   - Beside that and the variables of the handshake, it sees the environment
//     that it is given, and nothing of the host's.
//   - Standard input is empty. The first line of standard output is the
//     handshake; standard error is the log. Both are read to their ends.
//   - It leads a process group of its own, so that a signal to the host's group
//     spares it. Where the kernel can, it is killed when the host dies.
//   - What it has started in its group is killed once it has ended.
package launch
