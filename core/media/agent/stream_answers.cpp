#include "core/media/agent/stream_answers.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <tuple>
#include <vector>

namespace headgate {

namespace {

// The viewers of one stream, as the loops tell of theirs.
struct ViewerSurvey
{
    int loopsLeft = 0;
    std::vector<StreamViewer> viewers;
    std::function<void(std::vector<StreamViewer>)> done;
};

// Asks every loop; `done` is called on the main one.
void survey(LoopGroup& loops, const StreamKey& stream, std::function<void(std::vector<StreamViewer>)> done)
{
    auto survey = std::make_shared<ViewerSurvey>(ViewerSurvey{loops.count(), {}, std::move(done)});
    loops.forEachHost([&loops, stream, survey](SessionHost& host) {
        auto found = std::make_shared<std::vector<StreamViewer>>();
        host.forEach([&](Session& session) {
            if (auto viewer = session.viewing(stream))
                found->push_back(std::move(*viewer));
        });
        loops.atHome([survey, found](LoopGroup&) {
            std::ranges::move(*found, std::back_inserter(survey->viewers));
            if (--survey->loopsLeft == 0)
                survey->done(std::move(survey->viewers));
        });
    });
}

// The bytes in the kernel as time at the stream's bit rate.
void addKernelLag(StreamViewer& viewer, std::int64_t bitsPerSecond)
{
    constexpr std::int64_t longestMs = 1 << 30;
    if (bitsPerSecond > 0)
        viewer.lagMs =
            static_cast<int>(std::min(longestMs, viewer.lagMs + viewer.kernelBytes * 8 * 1000 / bitsPerSecond));
}

// Those asked for, of all.
std::vector<StreamViewer> chosen(std::vector<StreamViewer> viewers, const node_protocol::AskStream& question)
{
    if (question.viewer != 0)
        std::erase_if(viewers, [&](const StreamViewer& viewer) { return viewer.id != question.viewer; });
    std::ranges::sort(viewers, {}, [](const StreamViewer& viewer) { return std::tuple(-viewer.lagMs, viewer.id); });
    const auto offset = std::min(viewers.size(), static_cast<std::size_t>(question.viewerOffset));
    const auto count = std::min(viewers.size() - offset, static_cast<std::size_t>(question.viewerLimit));
    const auto begin = viewers.begin() + static_cast<std::ptrdiff_t>(offset);
    return {std::make_move_iterator(begin), std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(count))};
}

tl::unexpected<Error> notCarried(const StreamKey& stream)
{
    return fail(ErrorCode::NotFound, "The node does not carry the stream " + stream.path() + ".",
                "It may have ended; look at the list of streams.");
}

}  // namespace

void StreamAnswers::tell(const node_protocol::AskStream& question, const Answer& answer)
{
    survey(m_context.loops, question.stream, [this, question, answer](std::vector<StreamViewer> viewers) {
        node_protocol::StreamAnswer told{question.question, notCarried(question.stream)};
        Stream* const stream = m_context.hub.find(question.stream);
        // Recordings have viewers when their stream is long over.
        if (stream != nullptr || !viewers.empty()) {
            StreamDetails details;
            details.report.key = question.stream;
            if (stream != nullptr)
                details = stream->details(m_context.loops.home().loop().now());
            details.viewerCount = static_cast<int>(viewers.size());
            for (StreamViewer& viewer : viewers)
                addKernelLag(viewer, details.report.bitsPerSecond);
            details.viewers = chosen(std::move(viewers), question);
            told.details = std::move(details);
        }
        answer(told);
    });
}

void StreamAnswers::tell(const node_protocol::AskThumbnail& question, const Answer& answer)
{
    const Stream* const stream = m_context.hub.find(question.stream);
    if (stream == nullptr)
        return answer(node_protocol::ThumbnailAnswer{question.question, notCarried(question.stream)});
    m_context.thumbnails.ask(*stream, question.width, [question, answer](Result<Thumbnail> picture) {
        if (picture && picture->tag == question.knownTag)
            picture->jpeg.clear();
        answer(node_protocol::ThumbnailAnswer{question.question, std::move(picture)});
    });
}

void StreamAnswers::endSession(const node_protocol::EndSession& order)
{
    m_context.loops.forEachHost([order](SessionHost& host) {
        if (Session* const session = host.find(order.session))
            session->disconnect(order.reason);
    });
}

}  // namespace headgate
