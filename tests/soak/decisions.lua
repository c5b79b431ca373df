-- wrk: where to publish and where to watch, by turns over 20,000 names; with a pause before each request where
-- HEADGATE_PAUSE_MS says so.
local pause = tonumber(os.getenv("HEADGATE_PAUSE_MS") or "0")
local count = 0

if pause > 0 then
    function delay()
        return pause
    end
end

function request()
    count = count + 1
    if count % 2 == 0 then
        return wrk.format("GET", "/as/v1/streams/stream/main/subscribe/live/show1")
    end
    return wrk.format("GET", "/as/v1/streams/stream/main/publish/live/s" .. count % 20000)
end
