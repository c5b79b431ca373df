-- wrk: by turns the playlist and a part, whose paths HEADGATE_PATHS has.
local requests = {}
local count = 0

function init()
    for path in os.getenv("HEADGATE_PATHS"):gmatch("%S+") do
        requests[#requests + 1] = wrk.format("GET", path)
    end
end

function request()
    count = count % #requests + 1
    return requests[count]
end
