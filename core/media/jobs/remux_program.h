#pragma once

namespace headgate {

// The whole of headgate-remux: takes its orders on standard input, tells how it fares on standard output. Its exit
// status is 0 if all was sent, 1 if another attempt may help, 2 if none would, 3 if it was let go of.
int runRemuxProgram();

}  // namespace headgate
