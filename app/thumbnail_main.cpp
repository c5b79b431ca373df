// headgate-thumbnail: decodes key frames for headgate-node, which starts it with a socket.

#include "core/media/thumbnail/thumbnail_task.h"
#include "core/media/thumbnail/thumbnail_worker.h"

#include <sys/socket.h>

#include <iostream>

int main()
{
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(headgate::thumbnailDescriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
        std::cerr << "headgate-thumbnail: it is started by headgate-node, which makes pictures of streams with it.\n";
        return 2;
    }
    return headgate::runThumbnailWorker(headgate::thumbnailDescriptor);
}
