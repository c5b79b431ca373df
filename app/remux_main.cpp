// headgate-remux: carries one source to its node, or one stream of its node to a target, for headgate-node, which
// starts it with a socket.

#include "core/media/jobs/remux_program.h"

int main()
{
    return headgate::runRemuxProgram();
}
