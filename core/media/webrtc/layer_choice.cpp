#include "core/media/webrtc/layer_choice.h"

#include "core/media/flv/track_format.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace headgate::webrtc {

namespace {

const LayerFigures& at(const Layers& layers, int layer)
{
    return layers.at(static_cast<std::size_t>(layer));
}

// Those that live, the best first; of equals the stream's own.
std::vector<int> ranked(const Layers& layers)
{
    std::vector<int> live;
    for (int layer = 0; layer <= mostLayers; ++layer) {
        if (at(layers, layer).isLive)
            live.push_back(layer);
    }
    std::ranges::stable_sort(live, std::greater{}, [&](int layer) { return at(layers, layer).bitsPerSecond; });
    return live;
}

}  // namespace

void LayerMeter::turn(MonotonicTime now)
{
    if (!m_binSince)
        m_binSince = now;
    for (std::size_t turned = 0; now - *m_binSince >= binTime; ++turned) {
        if (turned == bins)
            m_binSince = now;
        else
            *m_binSince += binTime;
        for (Layer& layer : m_layers) {
            std::shift_right(layer.bytes.begin(), layer.bytes.end(), 1);
            layer.bytes.front() = 0;
        }
    }
}

void LayerMeter::add(int layer, std::size_t bytes, MonotonicTime now)
{
    turn(now);
    Layer& own = m_layers.at(static_cast<std::size_t>(layer));
    own.firstAt = own.firstAt.value_or(now);
    own.lastAt = now;
    own.bytes.front() += static_cast<std::int64_t>(bytes);
    own.picturesSince = {};
    for (Layer& other : m_layers)
        ++other.picturesSince.at(static_cast<std::size_t>(layer));
}

void LayerMeter::measure(const MediaFrame& frame)
{
    const PictureSize size =
        frame.isSequenceHeader() ? formatOfVideoHeader(frame.body()).size : sizeOfKeyFrame(frame.body());
    if (size.width > 0)
        m_layers.at(static_cast<std::size_t>(frame.layer())).area = size.width * size.height;
}

bool LayerMeter::hasLayers() const
{
    return std::any_of(m_layers.begin() + 1, m_layers.end(),
                       [](const Layer& layer) { return layer.firstAt.has_value(); });
}

Layers LayerMeter::look(MonotonicTime now)
{
    turn(now);
    const auto filled = std::chrono::duration_cast<Duration>(now - *m_binSince) + binTime * static_cast<int>(bins - 1);
    Layers figures;
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const Layer& layer = m_layers.at(i);
        if (!layer.firstAt)
            continue;
        const bool isPassed = std::ranges::any_of(layer.picturesSince, [](int n) { return n >= picturesMeanwhile; });
        figures.at(i).isLive = now - layer.lastAt <= longestPause || !isPassed;
        figures.at(i).area = layer.area;
        if (!figures.at(i).isLive)
            continue;
        const auto since = std::chrono::duration_cast<Duration>(now - *layer.firstAt);
        const auto time = std::clamp(since, Duration(1000), filled);
        figures.at(i).bitsPerSecond =
            std::accumulate(layer.bytes.begin(), layer.bytes.end(), std::int64_t{0}) * 8000 / time.count();
    }
    return figures;
}

void LayerChoice::failed(MonotonicTime now, Duration mostPatienceThen)
{
    m_patience = std::max(m_patience, std::min(m_patience * 2, mostPatienceThen));
    m_changedAt = now;
    m_filledSince.reset();
    m_fullSince.reset();
}

LayerChoice::Decision LayerChoice::look(const Layers& layers, int current, const Network& network, MonotonicTime now)
{
    m_changedAt = m_changedAt.value_or(now);
    const std::int64_t needed = at(layers, current).bitsPerSecond + network.otherBits;
    const bool isFull =
        network.limit && needed > *network.limit && (network.waiting > mostWaiting || needed > *network.limit * 3 / 2);
    // The stream's own pictures move on by themselves where a layer stands still.
    if ((current == 0 || at(layers, current).isLive) && !isFull) {
        m_currentBits = at(layers, current).bitsPerSecond;
        return up(layers, current, network, now);
    }
    const int next = down(layers, current, network);
    if (next == current)
        return {current};
    if (m_filledSince || (m_wentUpAt && now - *m_wentUpAt < probation))
        failed(now, mostPatience);
    else
        m_patience = leastPatience;
    m_wentUpAt.reset();
    m_changedAt = now;
    return {next};
}

// The best that fits, else the least of all.
int LayerChoice::down(const Layers& layers, int current, const Network& network) const
{
    constexpr int share = 90;  // of a hundred
    const std::vector<int> live = ranked(layers);
    if (live.empty())
        return current;
    const std::int64_t room = network.limit ? *network.limit * share / 100 - network.otherBits : m_currentBits;
    const auto fits = std::ranges::find_if(
        live, [&](int layer) { return layer != current && at(layers, layer).bitsPerSecond <= room; });
    return fits == live.end() ? live.back() : *fits;
}

// The least of those that need clearly more.
std::optional<int> LayerChoice::nextBetter(const Layers& layers, int current)
{
    std::optional<int> next;
    for (const int layer : ranked(layers)) {
        if (at(layers, layer).bitsPerSecond * 10 > at(layers, current).bitsPerSecond * 11)
            next = layer;
    }
    return next;
}

LayerChoice::Decision LayerChoice::up(const Layers& layers, int current, const Network& network, MonotonicTime now)
{
    constexpr int spare = 120;  // of a hundred
    constexpr Duration step{250};
    constexpr double growth = 1.25;
    constexpr Duration fullTime{500};
    const auto next = nextBetter(layers, current);
    const auto stop = [this] {
        m_filledSince.reset();
        m_fullSince.reset();
    };
    if (!next) {
        stop();
        return {current};
    }
    const auto goUp = [&] {
        stop();
        m_changedAt = m_wentUpAt = now;
        return Decision{*next};
    };
    const std::int64_t present = at(layers, current).bitsPerSecond + network.otherBits;
    const std::int64_t needed = (at(layers, *next).bitsPerSecond + network.otherBits) * spare / 100;
    if (m_filledSince && (network.limit || network.queueing > mostQueueing)) {
        failed(now, mostPatienceToFill);
        return {current};
    }
    if (now - *m_changedAt < m_patience || (network.limit && *network.limit < needed))
        return {current};
    if (network.limit || !network.canBeFilled || needed <= present)
        return goUp();
    m_filledSince = m_filledSince.value_or(now);
    const auto steps = static_cast<double>((now - *m_filledSince) / step);
    const double wanted = static_cast<double>(std::max<std::int64_t>(present, 100'000)) * std::pow(growth, steps + 1);
    if (wanted < static_cast<double>(needed))
        return {current, static_cast<std::int64_t>(wanted) - present};
    m_fullSince = m_fullSince.value_or(now);
    return now - *m_fullSince < fullTime ? Decision{current, needed - present} : goUp();
}

int layerAt(const Layers& layers, int place)
{
    std::vector<int> live = ranked(layers);
    if (live.empty())
        return 0;
    std::ranges::stable_sort(live, std::greater{}, [&](int layer) { return at(layers, layer).area; });
    return live.at(std::min(static_cast<std::size_t>(place), live.size() - 1));
}

}  // namespace headgate::webrtc
