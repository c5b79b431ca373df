#include "core/media/rtmp/command.h"

namespace headgate::rtmp {

const Amf0& Command::argument(std::size_t index) const
{
    static const Amf0 nothing;
    return index < arguments.size() ? arguments[index] : nothing;
}

Result<Command> parseCommand(const Message& message)
{
    ByteView payload = message.payload;
    // What claims to be AMF3 begins with a zero byte and goes on in AMF0, in which AMF3 values may be. Some leave the
    // zero out; then the name's marker, which is not zero, comes first.
    if (message.type == MessageType::CommandAmf3 && !payload.empty() && payload.front() == 0)
        payload = payload.subspan(1);
    auto values = Amf0::parseAll(payload);
    if (!values)
        return tl::unexpected(values.error());
    if (values->empty() || !values->front().text())
        return fail(ErrorCode::InvalidArgument, "A command has no name.");
    Command command;
    command.name = *values->front().text();
    if (values->size() > 1)
        command.transaction = (*values)[1].number().value_or(0);
    if (values->size() > 2)
        command.arguments.assign(values->begin() + 2, values->end());
    return command;
}

Message makeCommand(const Command& command, std::uint32_t streamId)
{
    Message message;
    message.type = MessageType::CommandAmf0;
    message.streamId = streamId;
    Amf0(command.name).appendTo(message.payload);
    Amf0(command.transaction).appendTo(message.payload);
    for (const Amf0& argument : command.arguments)
        argument.appendTo(message.payload);
    return message;
}

Amf0::Object makeStatus(std::string level, std::string code, std::string description)
{
    return {{{"level", std::move(level)}, {"code", std::move(code)}, {"description", std::move(description)}}};
}

}  // namespace headgate::rtmp
