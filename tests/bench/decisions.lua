-- wrk: by turns where to publish and where to watch, over 20,000 names each: s0, s1 ... are live, p0, p1 ... are not.
-- HEADGATE_TOKEN, if set, goes with each request.
local names = 20000
local requests = {}
local count = 0

function init()
    local token = os.getenv("HEADGATE_TOKEN") or ""
    local headers = {}
    if token ~= "" then
        headers["Authorization"] = "Bearer " .. token
    end
    for i = 0, names - 1 do
        requests[2 * i] = wrk.format("GET", "/as/v1/streams/stream/main/publish/live/p" .. i, headers)
        requests[2 * i + 1] = wrk.format("GET", "/as/v1/streams/stream/main/subscribe/live/s" .. i, headers)
    end
    -- Threads, if there are several, begin elsewhere.
    count = math.random(2 * names)
end

function request()
    count = (count + 1) % (2 * names)
    return requests[count]
end
