-- wrk: where to publish and where to watch, by turns, the first over 20,000 names; with the token HEADGATE_TOKEN, and a
-- pause before each request where HEADGATE_PAUSE_MS says so.
local pause = tonumber(os.getenv("HEADGATE_PAUSE_MS") or "0")
local headers = {["Authorization"] = "Bearer " .. (os.getenv("HEADGATE_TOKEN") or "")}
local count = 0

if pause > 0 then
    function delay()
        return pause
    end
end

function request()
    count = count + 1
    if count % 2 == 0 then
        return wrk.format("GET", "/as/v1/streams/stream/main/subscribe/live/show1", headers)
    end
    return wrk.format("GET", "/as/v1/streams/stream/main/publish/live/s" .. count % 20000, headers)
end
