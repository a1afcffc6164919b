-- Presents another key with each request, or asks about another one in its body, and prints what bench reads.
local requests = {}
local file = os.getenv("BENCH_KEYS")
local body = os.getenv("BENCH_BODY")
local bodies = {
  json = { type = "application/json", text = '{"key":"%s","scope":["invoices:read"],"ip":"203.0.113.7"}' },
  form = { type = "application/x-www-form-urlencoded", text = "token=%s" },
}

function init(args)
  if file == "" then
    requests[1] = wrk.format()
    return
  end
  for key in io.lines(file) do
    if body == "" then
      wrk.headers["Authorization"] = "Bearer " .. key
    else
      wrk.headers["Authorization"] = wrk.headers["Authorization"] or "Bearer " .. key
      wrk.method = "POST"
      wrk.headers["Content-Type"] = bodies[body].type
      wrk.body = string.format(bodies[body].text, key)
    end
    requests[#requests + 1] = wrk.format()
  end
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, e.connect + e.read + e.write + e.status + e.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
