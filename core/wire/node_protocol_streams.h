#pragma once

#include "core/wire/node_protocol.h"
#include "core/wire/node_protocol_fields.h"

// The part of the node protocol that speaks of streams: one write and one read function per type.
namespace headgate::node_protocol {

Json write(const StreamReport& report);
void read(MessageReader& reader, StreamReport& out);

Json write(const AssignParents& message);
void read(MessageReader& reader, AssignParents& out);

Json write(const AskStream& question);
void read(MessageReader& reader, AskStream& out);

Json write(const AskThumbnail& question);
void read(MessageReader& reader, AskThumbnail& out);

Json write(const EndSession& order);
void read(MessageReader& reader, EndSession& out);

Json write(const StreamAnswer& answer);
void read(MessageReader& reader, StreamAnswer& out);

Json write(const ThumbnailAnswer& answer);
void read(MessageReader& reader, ThumbnailAnswer& out);

}  // namespace headgate::node_protocol
